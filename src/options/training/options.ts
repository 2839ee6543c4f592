/** The options of the command "train": the settings of a training, its dataset and its output. */
import * as z from "zod";
import { overwriteOption } from "../shared.ts";
import { trainingSettings } from "./settings.ts";

export const trainOptions = z.object({
  dataset: z
    .string()
    .optional()
    .meta({ description: "Folder of a prepared dataset.", positional: true, placeholder: "DATASET", path: true }),
  out: z.string().optional().meta({ description: "New folder for the run.", placeholder: "DIR", path: true }),
  resume: z.string().optional().meta({
    description: "Run to resume from its last checkpoint; its options need not be given again.",
    placeholder: "RUN",
    resumes: true,
  }),
  ...trainingSettings.partial().shape,
  plot: z.string().optional().meta({
    description: "File for the plot of the history, instead of plot.png in the run.",
    placeholder: "FILE",
    path: true,
  }),
  overwrite: overwriteOption,
  summary: z.boolean().default(false).meta({ description: "Only print the model's layers and parameters." }),
});

export type CheckedTrainOptions = z.output<typeof trainOptions>;
