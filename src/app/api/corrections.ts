/** Corrections of a dataset: what the page sends, what is in effect, the history, and the queue of what to look at. */
import * as z from "zod";
import {
  CORRECTION_LABELS,
  type CorrectionLabel,
  MOST_NOTE_CHARACTERS,
  MOST_PATCHES_PER_ENTRY,
} from "../../artifacts/corrections/entries.ts";
import type { Split } from "../../histology/dataset/split_names.ts";
import type { MetricEstimate } from "../../metrics/intervals.ts";
import { counted } from "../../util/numbers.ts";
import type { PatchNeighbour } from "./datasets.ts";

/** The number of patches on a page of the queue. */
export const QUEUE_ITEMS = 20;

/**
 * A page of the queue: the query of GET /api/datasets/:id/queue. The same query gives the same page, whatever was
 * judged since.
 */
export const queueQuery = z.object({
  /** The id of an answer source, as in `orderQuery`. */
  run: z.string().min(1).max(80),
  split: z.enum(["train", "val", "test"]).optional(),
  seed: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1),
  /** The number of entries in the journal at the start of the page: what they judged is not asked again. */
  start: z.coerce.number().int().min(0),
  /** The number of items on earlier pages. */
  before: z.coerce.number().int().min(0).default(0),
});

export type QueueQuery = z.output<typeof queueQuery>;

const entryId = z.uuid();
/** Made by the page, so that a request that is sent twice is one entry. Without an author, it is the studio's. */
const signed = { id: entryId, author: z.string().min(1).max(200).optional() };
const label = z.enum(CORRECTION_LABELS);
const records = z
  .array(z.int().min(0).max(999_999_999))
  .min(1)
  .max(MOST_PATCHES_PER_ENTRY, `expected ${counted(MOST_PATCHES_PER_ENTRY, "patch")} at most: pick fewer`);
const cell = z.tuple([z.int().min(0).max(100_000_000), z.int().min(0).max(100_000_000)]);

/** Body of POST /api/datasets/:id/corrections. */
export const correctionBody = z.discriminatedUnion("kind", [
  /** Null: the dataset's own label holds again. */
  z.strictObject({ kind: z.literal("set"), ...signed, records, label: label.nullable() }),
  z.strictObject({ kind: z.literal("note"), ...signed, records, text: z.string().max(MOST_NOTE_CHARACTERS) }),
  /** Without `undoes`, the last entry of the author that is in effect is undone. */
  z.strictObject({ kind: z.literal("undo"), ...signed, undoes: entryId.optional() }),
  /** Takes back the author's last undo. */
  z.strictObject({ kind: z.literal("redo"), ...signed }),
  /** A verdict on an item of the queue. The server knows whether the item was drawn blind. */
  z.strictObject({
    kind: z.literal("verdict"),
    ...signed,
    queue: queueQuery,
    place: z
      .int()
      .min(0)
      .max(QUEUE_ITEMS - 1),
    label,
  }),
  /** Patches of a slide, by their upper left corners in model pixels. */
  z.strictObject({
    kind: z.literal("slide"),
    ...signed,
    /** The id of the slide. */
    slide: z.string().max(60),
    case: z.string().min(1).max(255),
    scale: z.number().positive().max(1000),
    side: z.int().min(1).max(4096),
    cells: z.array(cell).min(1).max(MOST_PATCHES_PER_ENTRY),
    label: label.nullable(),
  }),
]);

export type CorrectionBody = z.input<typeof correctionBody>;

/** The query of GET /api/datasets/:id/brush: a slide, its case, and the patches of its grid. */
export const brushQuery = z.object({
  /** The id of the slide. */
  slide: z.string().max(60),
  case: z.string().min(1).max(255),
  scale: z.coerce.number().positive().max(1000),
  side: z.coerce.number().int().min(1).max(4096),
});

/** Answer of GET /api/datasets/:id/brush. Corners are upper left ones, in model pixels. */
export interface BrushFacts {
  /** The patches of the case that the dataset has: [x, y, record]. */
  readonly places: readonly (readonly [x: number, y: number, record: number])[];
  /** The patches of the slide that were labelled although the dataset does not have them. */
  readonly cells: readonly (readonly [x: number, y: number, label: CorrectionLabel])[];
}

/** Body of POST /api/datasets/:id/retrain. */
export const retrainBody = z.strictObject({
  /** The id of the run that is compared, and whose settings are taken. */
  run: z.string().max(60),
  /** The new name of the corrected dataset. */
  dataset: z.string().max(100),
  /** The new name of the run. */
  out: z.string().max(100),
  /** Corrects test cases too; the comparison then leaves them out. */
  correctTest: z.boolean().default(false),
});

/** The states of some patches: parallel arrays. */
export interface PatchStates {
  readonly records: readonly number[];
  /** The label in effect; null if the dataset's own holds. */
  readonly labels: readonly (CorrectionLabel | null)[];
  /** "" if there is none. */
  readonly notes: readonly string[];
}

/** An entry of the history. */
export interface HistoryEntry {
  readonly id: string;
  /** What it is about: an undo or redo is about the entry that it takes back or puts into effect again. */
  readonly kind: "set" | "note" | "slide" | "blind";
  readonly step: "done" | "undone" | "redone";
  readonly author: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly label: CorrectionLabel | null;
  /** The text of a note. */
  readonly text: string | null;
  /** The number of patches, or of cells of a slide. */
  readonly patches: number;
  /** The first record; null if there is none in the dataset. */
  readonly record: number | null;
  /** False if an undo has taken it back. */
  readonly isInEffect: boolean;
}

/** What can be undone and redone. */
export interface CorrectionSteps {
  /** The number of entries in the journal. */
  readonly entries: number;
  /** Null if there is nothing to undo. */
  readonly undo: HistoryEntry | null;
  /** The entry that "redo" would put into effect again; null if there is none. */
  readonly redo: HistoryEntry | null;
}

/** Answer of GET /api/datasets/:id/corrections. */
export interface CorrectionsState extends CorrectionSteps {
  /** The journal's path in the studio's folder. */
  readonly journal: string;
  /** The patches that have a label or a note. */
  readonly patches: PatchStates;
}

/** Answer of POST /api/datasets/:id/corrections. */
export interface SavedCorrection extends CorrectionSteps {
  readonly entry: HistoryEntry;
  /** The states of the patches that the entry concerns, after it. */
  readonly touched: PatchStates;
  /** Only after a verdict. */
  readonly verdict?: QueueVerdict;
}

/** What a verdict on an item of the queue was about. The page learns this only after the verdict. */
export interface QueueVerdict {
  readonly record: number;
  readonly label: 0 | 1;
  readonly probability: number;
  /** It was drawn at random: the verdict counts for the label error rate, and corrects nothing. */
  readonly isBlind: boolean;
}

/** An item of the queue. Nothing in it shows the label, the probability, or whether it was drawn at random. */
export interface QueueItem {
  readonly record: number;
  readonly x: number | null;
  readonly width: number;
  readonly height: number;
  readonly neighbours: readonly PatchNeighbour[];
  /** The verdict since the page's start; null if there is none. */
  readonly verdict: CorrectionLabel | null;
}

/** Answer of GET /api/datasets/:id/queue. */
export interface QueuePage {
  readonly items: readonly QueueItem[];
  /** The patches from which the items are: those with a probability, in the splits of `splits`. */
  readonly candidates: number;
  readonly splits: readonly Split[];
  /** How often labels are wrong among the patches of these splits. */
  readonly rate: LabelErrorFacts;
  /** The command lines that made the probabilities. */
  readonly commands: readonly string[];
}

/** The label error rate by the verdicts that were given blind in these splits. */
export interface LabelErrorFacts {
  readonly splits: string;
  readonly all: MetricEstimate;
  readonly negative: MetricEstimate;
  readonly positive: MetricEstimate;
  readonly judged: number;
  readonly wrong: number;
  /** Left open: unsure, or to be excluded. */
  readonly open: number;
  readonly cases: number;
}

/** Answer of GET /api/datasets/:id/corrections/summary. */
export interface CorrectionsSummary {
  readonly journal: string;
  /** How many patches of each split have each label, and how many of them differ from the dataset's. */
  readonly splits: Readonly<Record<Split, SplitCorrections>>;
  readonly notes: number;
  readonly slideCells: number;
  /** One per group of splits in which patches were judged blind. */
  readonly rates: readonly LabelErrorFacts[];
  /** The newest first. */
  readonly history: readonly HistoryEntry[];
}

export interface SplitCorrections extends Readonly<Record<CorrectionLabel, number>> {
  /** The labels that differ from the dataset's, and the patches to be excluded. */
  readonly changed: number;
  /** The labels that confirm the dataset's. */
  readonly confirmed: number;
}
