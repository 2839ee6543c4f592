/** The options of the command "predict". */
import * as z from "zod";
import { deviceOption, modelOption, threadsOption } from "./shared.ts";

export const predictOptions = z.object({
  model: modelOption,
  images: z
    .array(z.string())
    .min(1)
    .meta({ description: "Images, or folders of images.", positional: true, placeholder: "IMAGE|DIR", path: true }),
  csv: z.boolean().default(false).meta({ description: "Print a CSV table.", output: true }),
  timing: z
    .boolean()
    .default(false)
    .meta({ description: "Print how long the program's start, the model, the images and the answers took." }),
  threads: threadsOption,
  device: deviceOption,
});

export type PredictOptions = z.input<typeof predictOptions>;
