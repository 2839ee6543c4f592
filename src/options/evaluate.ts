/** The options of the command "evaluate". */
import * as z from "zod";
import { datasetOption, deviceOption, modelOption, prevalenceOption, splitOption, threadsOption } from "./shared.ts";

export const evaluateOptions = z.object({
  model: modelOption,
  dataset: datasetOption,
  split: splitOption,
  prevalence: prevalenceOption,
  out: z
    .string()
    .optional()
    .meta({
      description: "New folder for the results.",
      fallback: { words: "evaluation-<split> in the run" },
      placeholder: "DIR",
      path: true,
    }),
  threads: threadsOption,
  device: deviceOption,
});

export type EvaluateOptions = z.input<typeof evaluateOptions>;
