/** The answers of a source that a request names. */
import type { Workspace } from "../workspace/workspace.ts";
import { answersOf } from "./answers.ts";
import type { OpenDataset } from "./open_datasets.ts";
import type { RecordAnswers } from "./order.ts";
import { answerSources, type LocatedSource, sourceOf } from "./sources.ts";

export interface LocatedAnswers {
  readonly source: LocatedSource;
  readonly answers: RecordAnswers;
}

/** @throws UserError if there is no such source, or its files cannot be read. */
export async function locatedAnswers(open: OpenDataset, id: string, workspace: Workspace): Promise<LocatedAnswers> {
  const sources = await answerSources(workspace, open.item, open.dataset.description.sha256.patches);
  const source = sourceOf(sources, id);
  return { source, answers: await answersOf(open, source, workspace) };
}
