/** The options of the command "work". */
import * as z from "zod";
import { threadsOption } from "./shared.ts";

export const workOptions = z.object({
  results: z.string().default(".").meta({
    description: "Folder or address that contains all results; nothing is written elsewhere.",
    placeholder: "DIR",
    path: true,
  }),
  root: z.string().default(".").meta({
    description: "Folder or address with all inputs: slides, datasets; nothing is read elsewhere.",
    placeholder: "DIR",
    path: true,
  }),
  name: z
    .string()
    .regex(/^[\w .-]{1,60}$/, "must have 1 to 60 letters, digits, spaces, dots, dashes and underscores")
    .optional()
    .meta({
      description: "Name of this worker for people.",
      fallback: { words: "the machine's name and the process number" },
      placeholder: "NAME",
    }),
  untilEmpty: z.boolean().default(false).meta({ description: "End when nothing waits and nothing runs." }),
  threads: threadsOption,
});

export type WorkOptions = z.input<typeof workOptions>;
