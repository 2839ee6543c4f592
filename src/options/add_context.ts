/** The options of the command "add-context". */
import * as z from "zod";
import { LARGEST_REACH } from "../histology/neighbourhood.ts";
import {
  crossvalidationOption,
  datasetOption,
  modelOption,
  overwriteOption,
  threadsOption,
  thresholdOption,
} from "./shared.ts";

export const addContextOptions = z.object({
  model: modelOption,
  dataset: datasetOption,
  crossvalidation: crossvalidationOption,
  reach: z
    .int()
    .min(1)
    .max(LARGEST_REACH)
    .default(1)
    .meta({ description: "How far neighbours may be, in patches: 1 for 3 x 3 patches, 2 for 5 x 5." }),
  threshold: thresholdOption.default("youden"),
  out: z.string().meta({ description: "File for the new model.", placeholder: "FILE", path: true }),
  overwrite: overwriteOption,
  threads: threadsOption,
});

export type AddContextOptions = z.input<typeof addContextOptions>;
