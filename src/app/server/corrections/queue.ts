/** The queue of patches to judge next, and how often labels are wrong by the verdicts that were given blind. */
import type { Correction, CorrectionLabel } from "../../../artifacts/corrections/entries.ts";
import { standingEntries } from "../../../artifacts/corrections/replay.ts";
import { SPLITS, type Split } from "../../../histology/dataset/split_names.ts";
import { labelErrorRate, type Verdict } from "../../../metrics/label_error_rate.ts";
import { nextToLabel, type PageItem } from "../../../metrics/next_to_label.ts";
import { RandomStream } from "../../../system/random.ts";
import { UserError } from "../../../util/errors.ts";
import { type LabelErrorFacts, QUEUE_ITEMS, type QueueQuery } from "../../api/corrections.ts";
import type { OpenDataset } from "../datasets/open_datasets.ts";
import type { RecordAnswers } from "../datasets/order.ts";
import type { LocatedSource } from "../datasets/sources.ts";

/** A page of the queue; `items[i].patch` is a record. */
export interface DrawnPage {
  readonly items: readonly PageItem[];
  /** The records from which they are. */
  readonly candidates: number;
  /** The splits from which they are. */
  readonly splits: readonly Split[];
}

/** Two patches of a page are not nearer than this many patches. */
const REACH = 1;
/** A page of a dataset with many cases has this many patches of a case at most. */
const PER_CASE = 4;

/**
 * Draws a page. The same query and entries give the same page.
 * @throws UserError if the journal is shorter than it was at the start of the page, or the model has not answered any
 * patch of the split.
 */
export function drawPage(
  open: OpenDataset,
  { source, answers }: { readonly source: LocatedSource; readonly answers: RecordAnswers },
  entries: readonly Correction[],
  { seed, start, before, split, run: _ }: QueueQuery,
): DrawnPage {
  const { rows } = open.dataset;
  if (start > entries.length) {
    throw new UserError("request-invalid", "The journal is shorter than at the start of this page: start a new page.");
  }
  const judged = judgedIds(entries.slice(0, start));
  const records: number[] = [];
  for (const [record, row] of rows.entries()) {
    if (!Number.isNaN(answers.probabilities[record]!) && (split === undefined || row.split === split)) {
      records.push(record);
    }
  }
  if (records.length === 0) {
    const where = split === undefined ? "this dataset" : `the split ${split}`;
    throw new UserError("request-invalid", `${source.name} has answered no patch of ${where}: choose another.`);
  }
  const cases = new Set(records.map((record) => open.caseOf[record]!)).size;
  const candidates = records.map((record) => {
    const { id, caseId, x, y } = rows[record]!;
    return { probability: answers.probabilities[record]!, case: caseId, x, y, judged: judged.has(id) };
  });
  const rules = {
    items: QUEUE_ITEMS,
    before,
    threshold: source.threshold,
    side: rows[records[0]!]!.width,
    reach: REACH,
    perCase: Math.max(PER_CASE, Math.ceil(QUEUE_ITEMS / cases)),
  };
  const items = nextToLabel(candidates, rules, new RandomStream(seed, "queue", before));
  return {
    items: mixed(items, new RandomStream(seed, "places", before)).map(({ patch, blind }) => ({
      patch: records[patch]!,
      blind,
    })),
    candidates: records.length,
    splits: SPLITS.filter((one) => records.some((record) => rows[record]!.split === one)),
  };
}

/** The blind items at random places, so that a person cannot know them by counting. */
function mixed(items: readonly PageItem[], random: RandomStream): PageItem[] {
  const page = items.filter(({ blind }) => !blind);
  for (const one of items.filter(({ blind }) => blind)) page.splice(random.integer(page.length + 1), 0, one);
  return page;
}

/** The ids of the patches that somebody has labelled or judged. */
function judgedIds(entries: readonly Correction[]): Set<string> {
  const judged = new Set<string>();
  for (const entry of standingEntries(entries)) {
    if (entry.kind === "blind") judged.add(entry.patch);
    if (entry.kind !== "set") continue;
    for (const id of entry.patches) {
      if (entry.label === null) judged.delete(id);
      else judged.add(id);
    }
  }
  return judged;
}

/** The label that entries from a position on give each patch. */
export function verdictsSince(entries: readonly Correction[], start: number): Map<string, CorrectionLabel> {
  const late = new Set(entries.slice(start));
  const verdicts = new Map<string, CorrectionLabel>();
  for (const entry of standingEntries(entries)) {
    if (!late.has(entry)) continue;
    if (entry.kind === "blind") verdicts.set(entry.patch, entry.label);
    if (entry.kind !== "set") continue;
    for (const id of entry.patches) {
      if (entry.label === null) verdicts.delete(id);
      else verdicts.set(id, entry.label);
    }
  }
  return verdicts;
}

/** The name of the patches in some splits, in the facts of a blind entry: "val+test". */
export const splitsName = (splits: readonly Split[]): string => splits.join("+");

/** The label error rates, one for each group of splits in which patches were drawn blind. */
export function labelErrorRates(
  { dataset: { rows } }: OpenDataset,
  records: ReadonlyMap<string, number>,
  entries: readonly Correction[],
): LabelErrorFacts[] {
  const groups = new Map<string, Map<string, Verdict>>();
  for (const entry of standingEntries(entries)) {
    const record = entry.kind === "blind" ? records.get(entry.patch) : undefined;
    if (entry.kind !== "blind" || record === undefined) continue;
    const { label, caseId } = rows[record]!;
    const verdict = entry.label === "positive" ? 1 : entry.label === "negative" ? 0 : null;
    const name = String(entry.queue.splits ?? "");
    const group = groups.get(name) ?? new Map<string, Verdict>();
    groups.set(name, group);
    // Only the first verdict was given blind: whoever judges again may know the label.
    if (!group.has(entry.patch)) group.set(entry.patch, { case: caseId, label, verdict });
  }
  return [...groups].map(([splits, verdicts]) => rateOf(splits, [...verdicts.values()]));
}

/** The rate of one group of splits; its numbers are null without a verdict. */
export function rateOf(splits: string, verdicts: readonly Verdict[]): LabelErrorFacts {
  const { all, none, idc, judged, wrong, unsure } = labelErrorRate(verdicts);
  const cases = new Set(verdicts.filter(({ verdict }) => verdict !== null).map((one) => one.case)).size;
  return { splits, all, negative: none, positive: idc, judged, wrong, open: unsure, cases };
}
