/** The options of the command "studio". */
import * as z from "zod";

export const studioOptions = z.object({
  folder: z.string().default(".").meta({
    description: "Folder of datasets, runs and slides.",
    positional: true,
    placeholder: "DIR",
    path: true,
  }),
  open: z.boolean().default(true).meta({ description: "Open the page in the browser." }),
  port: z
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .meta({ description: "Port on this machine.", fallback: { words: "the last one, or any free one" } }),
  stopJobs: z.boolean().default(false).meta({ description: "Stop the running jobs when the studio ends." }),
  demo: z.boolean().default(false).meta({ description: "Make synthetic data in the folder first." }),
  author: z
    .string()
    .max(100)
    .optional()
    .meta({ description: "Name for your corrections.", fallback: { words: "your user name" }, placeholder: "NAME" }),
});

export type StudioOptions = z.input<typeof studioOptions>;
