/** The options of the command "import". */
import * as z from "zod";
import { MODEL_NAMES } from "../engine/models/table.ts";
import { CLASS_NAMES, isClassName, MOST_CLASS_NAME_LENGTH } from "../histology/dataset/class_names.ts";
import { overwriteOption } from "./shared.ts";

const classNameOption = (which: string, output: string, usual: string) =>
  z
    .string()
    .refine(isClassName, `must be a name of 1 to ${MOST_CLASS_NAME_LENGTH} characters without commas`)
    .optional()
    .meta({
      description: `Name of the ${which} class, which the ${output} output stands for.`,
      fallback: { value: usual },
      placeholder: "NAME",
    });

export const importOptions = z.object({
  weights: z.string().meta({
    description: "File that Keras saved: .h5, .weights.h5 or .keras.",
    positional: true,
    placeholder: "WEIGHTS",
    path: true,
  }),
  model: z.enum(MODEL_NAMES).default("cancernet").meta({ description: "Network that the weights belong to." }),
  negative: classNameOption("negative", "first", CLASS_NAMES[0]),
  positive: classNameOption("positive", "second", CLASS_NAMES[1]),
  out: z.string().meta({ description: "File for the model.", placeholder: "FILE", path: true }),
  overwrite: overwriteOption,
});

export type ImportOptions = z.input<typeof importOptions>;
