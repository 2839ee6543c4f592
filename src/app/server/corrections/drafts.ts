/** Turns what the page sends into an entry of the journal: records become patch ids, and the author is added. */
import type * as z from "zod";
import type { Correction, CorrectionDraft } from "../../../artifacts/corrections/entries.ts";
import { lastRedoable, lastUndoable } from "../../../artifacts/corrections/replay.ts";
import { UserError } from "../../../util/errors.ts";
import type { correctionBody, QueueQuery, QueueVerdict } from "../../api/corrections.ts";
import { type LocatedAnswers, locatedAnswers } from "../datasets/located_answers.ts";
import type { OpenDataset } from "../datasets/open_datasets.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { type DrawnPage, drawPage, splitsName } from "./queue.ts";
import { labelledSlide } from "./slides.ts";

/** What drafts are made with. */
export interface DraftContext {
  readonly workspace: Workspace;
  /** The author of an entry that names none. */
  readonly author: string;
  readonly signal: AbortSignal;
}

type Body = z.output<typeof correctionBody>;

/**
 * The entry for a request.
 * @throws UserError if a record does not exist, or there is nothing to undo or redo.
 */
export async function draftOf(
  body: Body,
  open: OpenDataset,
  entries: readonly Correction[],
  context: DraftContext,
): Promise<CorrectionDraft> {
  const signed = { id: body.id, author: body.author ?? context.author };
  // The same undo or redo again must not take back one more entry.
  const known = entries.find(({ id }) => id === body.id);
  if (known && (body.kind === "undo" || body.kind === "redo")) return withoutTime(known);
  switch (body.kind) {
    case "set":
      return { kind: "set", ...signed, patches: idsOf(open, body.records), label: body.label };
    case "note":
      return { kind: "note", ...signed, patches: idsOf(open, body.records), text: body.text.trim() };
    case "undo":
      return {
        kind: "undo",
        ...signed,
        undoes: body.undoes ?? requireOne(lastUndoable(entries, signed.author), "undo"),
      };
    case "redo":
      return { kind: "undo", ...signed, undoes: requireOne(lastRedoable(entries, signed.author), "redo") };
    case "verdict": {
      const { page, item } = await itemOf(body, open, entries, context);
      const patch = open.dataset.rows[item.patch]!.id;
      if (!item.blind) return { kind: "set", ...signed, patches: [patch], label: body.label };
      const { seed, before } = body.queue;
      const queue = { splits: splitsName(page.splits), patches: page.candidates, seed, place: before + body.place + 1 };
      return { kind: "blind", ...signed, patch, label: body.label, queue };
    }
    case "slide":
      return {
        kind: "slide",
        ...signed,
        ...(await labelledSlide(body, context)),
        cells: body.cells,
        label: body.label,
      };
  }
}

function withoutTime({ time: _, ...draft }: Correction): CorrectionDraft {
  return draft;
}

function idsOf({ dataset: { rows } }: OpenDataset, records: readonly number[]): string[] {
  return records.map((record) => {
    const row = rows[record];
    if (row) return row.id;
    throw new UserError("item-unknown", `The dataset has no record ${record}: load the page again.`);
  });
}

function requireOne(entry: Correction | undefined, what: string): string {
  if (entry) return entry.id;
  throw new UserError("correction-not-undoable", `There is nothing to ${what}.`);
}

/** A page of the queue, drawn once. */
export async function pageOf(
  open: OpenDataset,
  query: QueueQuery,
  entries: readonly Correction[],
  context: DraftContext,
): Promise<DrawnPage & LocatedAnswers> {
  const located = await locatedAnswers(open, query.run, context.workspace);
  const key = `${JSON.stringify(query)} ${located.source.folders.map(({ path, changed }) => `${path} ${changed}`).join()}`;
  const page = await open.once("queue", key, async () => drawPage(open, located, entries, query));
  return { ...page, ...located };
}

async function itemOf(
  { queue, place }: Extract<Body, { kind: "verdict" }>,
  open: OpenDataset,
  entries: readonly Correction[],
  context: DraftContext,
) {
  const page = await pageOf(open, queue, entries, context);
  const item = page.items[place];
  if (item) return { page, item };
  throw new UserError("request-invalid", "The page has no such item: load the page again.");
}

/** What a verdict was about. */
export async function verdictFacts(
  body: Extract<Body, { kind: "verdict" }>,
  open: OpenDataset,
  entries: readonly Correction[],
  context: DraftContext,
): Promise<QueueVerdict> {
  const { page, item } = await itemOf(body, open, entries, context);
  return {
    record: item.patch,
    label: open.dataset.rows[item.patch]!.label,
    probability: page.answers.probabilities[item.patch]!,
    isBlind: item.blind,
  };
}
