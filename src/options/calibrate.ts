/** The options of the command "calibrate". */
import * as z from "zod";
import {
  crossvalidationOption,
  datasetOption,
  modelOption,
  overwriteOption,
  threadsOption,
  thresholdOption,
} from "./shared.ts";

export const calibrateOptions = z.object({
  model: modelOption,
  dataset: datasetOption,
  crossvalidation: crossvalidationOption,
  threshold: thresholdOption.default("youden"),
  out: z.string().meta({ description: "File for the calibrated model.", placeholder: "FILE", path: true }),
  overwrite: overwriteOption,
  threads: threadsOption,
});

export type CalibrateOptions = z.input<typeof calibrateOptions>;
