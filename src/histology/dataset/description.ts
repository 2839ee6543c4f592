/** The schema of dataset.json, and the patch counts per split. description_file.ts reads and writes the file. */
import * as z from "zod";
import { CLASS_NAMES, type ClassNames, isClassName } from "./class_names.ts";
import type { PatchRow } from "./patch_row.ts";
import { RECORD_SIDES } from "./record.ts";
import { SPLITS, type Split } from "./split_names.ts";

/** The names of a dataset's files. */
export const DATASET_FILES = {
  description: "dataset.json",
  manifest: "manifest.csv",
  patches: "patches.bin",
  rejected: "rejected.csv",
  splits: "splits",
} as const;

export const FORMAT_VERSION = 3;

export const count = z.int().nonnegative();
export const sha256Text = z.string().regex(/^[0-9a-f]{64}$/);
const side = z.int().min(RECORD_SIDES.least).max(RECORD_SIDES.most);
const className = z.string().refine(isClassName, "expected a name of a class");
const partCounts = z.object({ cases: count, patches: count, no_idc: count, idc: count });

/** A number of patches per split. */
const perSplit = z.object({ train: count, val: count, test: count });
const caseNames = z.array(z.string());

/** How a dataset was made from another one by a journal of corrections. */
const correctionsSchema = z.object({
  /** The dataset that was corrected. The folder is relative to this dataset's. */
  parent: z.object({ folder: z.string(), manifest_sha256: sha256Text, patches_sha256: sha256Text }),
  /** The entries of the journal that were used: the SHA-256 of their lines, and their number. */
  journal: z.object({ sha256: sha256Text, entries: count }),
  /** The number of corrected patches. Absent in a fold of a cross-validation, which has another split. */
  patches: z.object({ relabelled: perSplit, excluded: perSplit, unsure: perSplit, added: perSplit }).optional(),
  /** The cases with a patch that was relabelled, left out or added, here or in the parent, per split. */
  cases: z.object({ train: caseNames, val: caseNames, test: caseNames }),
});

export type DatasetCorrections = z.output<typeof correctionsSchema>;

/** Counts of one split. `cases` is 0 if the source names no cases. */
export type PartCounts = z.output<typeof partCounts>;

export const descriptionSchema = z.object({
  formatVersion: z.literal(FORMAT_VERSION),
  /** Name and version of the program that wrote the dataset. */
  software: z.string(),
  record: z
    .object({ height: side, width: side, channels: z.literal(3), type: z.literal("uint8") })
    .refine(({ height, width }) => height === width, "expected square records"),
  /** The names of class 0 and class 1; absent if they are "no IDC" and "IDC". */
  classes: z
    .tuple([className, className])
    .refine(([negative, positive]) => negative !== positive, "expected two names")
    .optional(),
  /**
   * The seed is null if lists or folders determine the split. If `shares` is absent, the shares are 0.8 and 0.1, as in
   * datasets of earlier versions.
   */
  split: z.object({
    method: z.enum(["case", "lists", "patch", "folders"]),
    seed: z.int().nullable(),
    /**
     * The fraction of the source's training folder that became the validation split. Present only if the source has no
     * validation folder.
     */
    validation: z.number().gt(0).lt(1).optional(),
    shares: z.object({ train: z.number().gt(0).lt(1), validation: z.number().gt(0).lt(1) }).optional(),
  }),
  counts: z.object({ train: partCounts, val: partCounts, test: partCounts }),
  /** Number of rejected files, by kind. */
  rejected: z.record(z.string(), count),
  /** Absent if the dataset was prepared from pictures. */
  corrections: correctionsSchema.optional(),
  sha256: z.object({ manifest: sha256Text, patches: sha256Text }),
});

export type DatasetDescription = z.output<typeof descriptionSchema>;

/** The description of square records with the given side in pixels. */
export function recordShape(side: number): DatasetDescription["record"] {
  return { height: side, width: side, channels: 3, type: "uint8" };
}

export function classNamesOf({ classes }: Pick<DatasetDescription, "classes">): ClassNames {
  return classes ?? CLASS_NAMES;
}

/** The `classes` entry of a description. It is omitted for the default names, as in datasets of earlier versions. */
export function describedClasses([negative, positive]: ClassNames): Pick<DatasetDescription, "classes"> {
  return negative === CLASS_NAMES[0] && positive === CLASS_NAMES[1] ? {} : { classes: [negative, positive] };
}

export function countParts(rows: readonly PatchRow[]): Record<Split, PartCounts> {
  const parts = SPLITS.map((split) => {
    const cases = new Set<string>();
    const counts = { cases: 0, patches: 0, no_idc: 0, idc: 0 };
    for (const row of rows) {
      if (row.split !== split) continue;
      counts.patches++;
      counts[row.label === 1 ? "idc" : "no_idc"]++;
      if (row.caseId !== "") cases.add(row.caseId);
    }
    return [split, { ...counts, cases: cases.size }] as const;
  });
  return Object.fromEntries(parts) as Record<Split, PartCounts>;
}
