/** The options of the command "crossvalidate". */
import * as z from "zod";
import { FEWEST_FOLDS } from "../histology/dataset/split_names.ts";
import { ENGINE_OPTIONS } from "./engine.ts";
import type { SettledValue } from "./meta.ts";
import { settledFallbacks } from "./option_entries.ts";
import { trainOptions } from "./training/options.ts";
import { type GivenSettings, settledSettings, trainingSettings } from "./training/settings.ts";

export const DEFAULT_FOLDS = 5;

/** Each fold is a complete training, so more folds would take too long. */
export const MOST_FOLDS = 1000;

export const crossvalidateOptions = z.object({
  dataset: trainOptions.shape.dataset,
  out: z
    .string()
    .optional()
    .meta({ description: "New folder for the folds and the report.", placeholder: "DIR", path: true }),
  resume: z.string().optional().meta({
    description: "Cross-validation to resume; its options need not be given again.",
    placeholder: "DIR",
    resumes: true,
  }),
  folds: z
    .int()
    .min(FEWEST_FOLDS)
    .max(MOST_FOLDS)
    .optional()
    .meta({ description: "Number of folds; each case is tested once.", fallback: { value: DEFAULT_FOLDS } }),
  ...trainingSettings.partial().shape,
  ...ENGINE_OPTIONS,
});

export type CrossvalidateOptions = z.input<typeof crossvalidateOptions>;

/** The values of options that are not given, and their sources, for display. */
export function settledCrossvalidation(options: GivenSettings): Record<string, SettledValue> {
  return { ...settledFallbacks(crossvalidateOptions), ...settledSettings(options) };
}
