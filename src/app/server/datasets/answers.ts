/** Reads the answers of a source: the probability of each record, and whether the model's call differs from its label. */
import { join } from "node:path";
import { EVALUATION_FILES } from "../../../artifacts/evaluation_folder.ts";
import type { PatchRow } from "../../../histology/dataset/patch_row.ts";
import { csvRows } from "../../../system/csv_stream.ts";
import { UserError } from "../../../util/errors.ts";
import type { Workspace } from "../workspace/workspace.ts";
import type { OpenDataset } from "./open_datasets.ts";
import type { RecordAnswers } from "./order.ts";
import type { LocatedSource, SourceFolder } from "./sources.ts";

const COLUMNS = ["id", "label", "probability", "predicted"] as const;

/**
 * The answers of a source, read once per open dataset.
 * @throws UserError if a file of predictions does not belong to the dataset or to its report.
 */
export function answersOf(open: OpenDataset, source: LocatedSource, workspace: Workspace): Promise<RecordAnswers> {
  if (source.problem !== undefined) return Promise.reject(new UserError("evaluation-damaged", source.problem));
  const key = source.folders.map(({ path, changed }) => `${path} ${changed}`).join("\n");
  return open.once(`answers ${source.id}`, key, async () => {
    const { rows } = open.dataset;
    const records = await open.once("names", "", async () => new Map(rows.map(({ id }, record) => [id, record])));
    const answers = {
      probabilities: new Float64Array(rows.length).fill(Number.NaN),
      isWrong: new Uint8Array(rows.length),
    };
    for (const folder of source.folders) {
      const place = join(await workspace.pathOf(folder), EVALUATION_FILES.predictions);
      await readFolder(place, folder, { rows, records, answers });
    }
    return answers;
  });
}

interface Reading {
  readonly rows: readonly PatchRow[];
  readonly records: ReadonlyMap<string, number>;
  readonly answers: RecordAnswers;
}

async function readFolder(
  place: string,
  { path, confusion }: SourceFolder,
  { rows, records, answers }: Reading,
): Promise<void> {
  const shown = `${path}/${EVALUATION_FILES.predictions}`;
  const remedy = 'evaluate again with "cancernet evaluate"';
  const found = [0, 0, 0, 0];
  for await (const row of csvRows(place, { columns: COLUMNS, what: "the predictions" })) {
    const record = records.get(row.id);
    const probability = row.probability === "" ? Number.NaN : Number(row.probability);
    if (record === undefined || String(rows[record]!.label) !== row.label || !/^[01]$/.test(row.predicted)) {
      throw new UserError(
        "evaluation-damaged",
        `${shown} names the patch ${row.id}, which is not in the dataset like that: ${remedy}.`,
      );
    }
    if (!(probability >= 0 && probability <= 1) || !Number.isNaN(answers.probabilities[record]!)) {
      throw new UserError("evaluation-damaged", `${shown} has no single probability for patch ${row.id}: ${remedy}.`);
    }
    answers.probabilities[record] = probability;
    answers.isWrong[record] = row.predicted === row.label ? 0 : 1;
    found[Number(row.label) * 2 + Number(row.predicted)]!++;
  }
  const { tn, fp, fn, tp } = confusion;
  if (found.join() === [tn, fp, fn, tp].join()) return;
  throw new UserError(
    "evaluation-damaged",
    `${shown} does not belong to the ${EVALUATION_FILES.report} beside it, as it gives another confusion matrix: ${remedy}.`,
  );
}
