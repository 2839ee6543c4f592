/** The options of the command "prepare". */
import * as z from "zod";
import { RECORD_SIDES, RECORD_SIZE_PIXELS } from "../histology/dataset/record.ts";
import { DEFAULT_SHARES, SPLIT_METHODS } from "../histology/dataset/split_names.ts";
import type { SettledValue } from "./meta.ts";
import { settledFallbacks } from "./option_entries.ts";

/** Every split must receive a share. */
const LEAST_SHARE = 0.001;

export const prepareOptions = z.object({
  source: z.string().meta({
    description: "Folder or zip archive with the patches.",
    positional: true,
    placeholder: "SOURCE",
    path: true,
  }),
  out: z.string().meta({ description: "New folder for the dataset.", placeholder: "DIR", path: true }),
  positive: z.string().optional().meta({
    description: "Name of the positive class and its folder, if the folder names do not show it.",
    placeholder: "NAME",
  }),
  negative: z.string().optional().meta({
    description: "Name of the negative class and its folder; folders of other classes are left out.",
    placeholder: "NAME",
  }),
  side: z.int().min(RECORD_SIDES.least).max(RECORD_SIDES.most).default(RECORD_SIZE_PIXELS).meta({
    description: "Width and height of a patch, in pixels; pictures of other sizes are resized.",
    placeholder: "PIXELS",
  }),
  split: z
    .enum(SPLIT_METHODS)
    .optional()
    .meta({
      description:
        "Split by whole cases, by single patches (as the tutorial, which leaks), or as the source's folders do.",
      fallback: { words: "folders if the source has train, validation or test folders, else case" },
    }),
  splitLists: z.string().optional().meta({
    description: "Folder with cases_train.txt, cases_val.txt and cases_test.txt, which then decide the split.",
    placeholder: "DIR",
    path: true,
  }),
  trainShare: z
    .number()
    .min(LEAST_SHARE)
    .max(1 - LEAST_SHARE)
    .optional()
    .meta({
      description: "Share of the patches for training, validation included; the rest is for testing.",
      fallback: { value: DEFAULT_SHARES.train },
      placeholder: "SHARE",
    }),
  validationShare: z
    .number()
    .min(LEAST_SHARE)
    .max(1 - LEAST_SHARE)
    .optional()
    .meta({
      description: "Share of the training part that is for validation.",
      fallback: { value: DEFAULT_SHARES.validation },
      placeholder: "SHARE",
    }),
  seed: z.int().nonnegative().default(42).meta({ description: "Seed of the split." }),
  folders: z.string().optional().meta({
    description: "Also copy the files into the tutorial's tree, training|validation|testing/0|1, in this new folder.",
    placeholder: "DIR",
    path: true,
  }),
});

export type PrepareOptions = z.input<typeof prepareOptions>;

/** The default shares, for display; empty if lists or folders determine the split. */
export function settledShares({ splitLists, split }: PrepareOptions): Record<string, SettledValue> {
  return splitLists !== undefined || split === "folders" ? {} : settledFallbacks(prepareOptions);
}
