/** A dataset of the studio: its facts, the models that have answered it, and a patch. patch_order.ts has the grid's. */
import * as z from "zod";
import type { CorrectionLabel } from "../../artifacts/corrections/entries.ts";
import { SPLITS, type Split } from "../../histology/dataset/split_names.ts";

/** The orders of the grid, with their words. */
export const PATCH_SORTS = {
  dataset: "as in the dataset",
  high: "highest probability first",
  low: "lowest probability first",
  mistakes: "most confident mistakes first",
  suspected: "suspected label errors first",
} as const;

export type PatchSort = keyof typeof PATCH_SORTS;

const fraction = z.coerce.number().min(0).max(1);
const SORT_NAMES = Object.keys(PATCH_SORTS) as [PatchSort, ...PatchSort[]];

/** Which patches, in which order: the query of GET /api/datasets/:id/order, and the state of the view in the address. */
export const orderQuery = z.object({
  case: z.string().max(300).optional(),
  split: z.enum(SPLITS).optional(),
  label: z.enum(["0", "1"]).optional(),
  /** The id of an answer source, or of a run, evaluation or cross-validation that belongs to one. */
  run: z.string().max(80).optional(),
  /** Probability at least this. */
  from: fraction.optional(),
  /** Probability above this, as in the bars of a reliability diagram. */
  above: fraction.optional(),
  /** Probability at most this. */
  to: fraction.optional(),
  answer: z.enum(["right", "wrong"]).optional(),
  corrected: z.enum(["yes", "no"]).optional(),
  sort: z.enum(SORT_NAMES).default("dataset"),
});

export type OrderQuery = z.output<typeof orderQuery>;

/** The most patches in one answer of GET /api/datasets/:id/pixels. */
export const MOST_PIXEL_RECORDS = 512;
/** The most bytes in one such answer. */
export const MOST_PIXEL_BYTES = 16 * 1024 * 1024;

/** The query of GET /api/datasets/:id/pixels: record indices. The answer is their RGB bytes, one after the other. */
export const pixelsQuery = z.object({
  records: z
    .string()
    .regex(/^\d{1,9}(,\d{1,9})*$/, "expected record indices with commas between them")
    .transform((text) => text.split(",").map(Number))
    .refine((records) => records.length <= MOST_PIXEL_RECORDS, `expected ${MOST_PIXEL_RECORDS} at most`),
});

export interface CaseFacts {
  /** Empty if the source names no cases. */
  readonly case: string;
  /** Null if the case is in several splits. */
  readonly split: Split | null;
  readonly patches: number;
  readonly negative: number;
  readonly positive: number;
}

/** A file that was left out, or several of a folder. */
export interface LeftOutFile {
  readonly path: string;
  readonly reason: string;
}

/** The evaluations of one model on the dataset, or the out-of-fold answers of a cross-validation of it. */
export interface AnswerSource {
  readonly id: string;
  readonly kind: "model" | "crossvalidation";
  /** The path of its run or cross-validation, or the model's name. */
  readonly name: string;
  /** The ids of the run, evaluations or cross-validation that it is made of. */
  readonly items: readonly string[];
  readonly splits: readonly Split[];
  readonly patches: number;
  /** The command lines that made the probabilities. */
  readonly commands: readonly string[];
  /** Whether its probabilities use the neighbours of a patch. */
  readonly usesNeighbours: boolean;
  /** Whether the model was trained on the train split of this dataset. */
  readonly isTrainedHere: boolean;
  /** Why it cannot be used; absent if it can. */
  readonly problem?: string;
}

/** Answer of GET /api/datasets/:id. */
export interface DatasetFacts {
  readonly id: string;
  /** In the order of their names. */
  readonly cases: readonly CaseFacts[];
  /** What was left out: the words of a reason, and the number of files. */
  readonly leftOut: readonly { readonly words: string; readonly files: number }[];
  /** The first rows of rejected.csv. */
  readonly leftOutExamples: readonly LeftOutFile[];
  /** The one with the most patches first. */
  readonly sources: readonly AnswerSource[];
}

/** The answer of one source for a patch. */
export interface PatchAnswerFacts {
  /** The id of the source. */
  readonly source: string;
  /** Null if the source has not answered this patch. */
  readonly probability: number | null;
  readonly predicted: 0 | 1 | null;
  /** Why the source's answers cannot be read; absent if they can. */
  readonly problem?: string;
}

export interface PatchNeighbour {
  readonly record: number;
  /** The distance of its left upper corner from that of the patch, in slide pixels. */
  readonly right: number;
  readonly down: number;
  /** Its width and height on the slide, in slide pixels. */
  readonly width: number;
  readonly height: number;
}

/** Answer of GET /api/datasets/:id/patches/:record. */
export interface PatchFacts {
  readonly record: number;
  /** The name of the patch in the manifest. */
  readonly name: string;
  readonly case: string;
  readonly x: number | null;
  readonly y: number | null;
  readonly width: number;
  readonly height: number;
  readonly split: Split;
  readonly label: 0 | 1;
  /** What a person said of it; null if nobody did. */
  readonly correction: { readonly label: CorrectionLabel | null; readonly note: string | null } | null;
  readonly source: string;
  /** The patches of the same case around it, up to three patches away. */
  readonly neighbours: readonly PatchNeighbour[];
  readonly answers: readonly PatchAnswerFacts[];
}

/** Body of POST /api/datasets/:id/patches/:record/explanation: the id of a source. */
export const explanationBody = z.strictObject({ source: z.string().max(80) });

/** An explanation of a patch, made or being made by a job. */
export interface PatchExplanationFacts {
  /** Names it in GET /api/explanations/:key and GET /api/explanations/:key/picture. */
  readonly key: string;
  /** The job that makes it; null if it was made before. */
  readonly job: string | null;
  readonly state: "running" | "done" | "failed";
  /** The sentence of a failure. */
  readonly message: string | null;
  readonly command: string;
  /** The probability of the patch alone; null until it is done. */
  readonly probability: number | null;
}
