/** The options of the command "correct". */
import * as z from "zod";

export const correctOptions = z.object({
  dataset: z.string().meta({
    description: "Folder of the prepared dataset that the journal corrects.",
    positional: true,
    placeholder: "DATASET",
    path: true,
  }),
  journal: z.string().meta({
    description: "Journal of corrections, as the studio writes it.",
    positional: true,
    placeholder: "JOURNAL",
    path: true,
  }),
  out: z.string().meta({ description: "New folder for the corrected dataset.", placeholder: "DIR", path: true }),
  correctTest: z.boolean().default(false).meta({
    description: "Correct the test split too; evaluations then say so.",
  }),
});

export type CorrectOptions = z.input<typeof correctOptions>;
