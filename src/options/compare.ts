/** The options of the command "compare". */
import * as z from "zod";
import { SPLITS } from "../histology/dataset/split_names.ts";

export const compareOptions = z.object({
  runs: z.array(z.string()).min(2, "must be two or more folders: the first, and those to compare with it").meta({
    description: "Evaluated runs, or folders of evaluations; the others are compared with the first.",
    positional: true,
    placeholder: "RUN|DIR",
    path: true,
  }),
  split: z.enum(SPLITS).default("test").meta({ description: "Split whose evaluations are compared." }),
});

export type CompareOptions = z.input<typeof compareOptions>;
