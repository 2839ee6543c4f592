/** The options of the command "queue". */
import * as z from "zod";

export const QUEUE_ACTIONS = ["show", "retry", "drain"] as const;

export const queueOptions = z.object({
  action: z.enum(QUEUE_ACTIONS).default("show").meta({
    description: "Show the queue; retry: offer failed and lost units again; drain: remove what waits.",
    positional: true,
    placeholder: "show|retry|drain",
  }),
  folder: z
    .string()
    .optional()
    .meta({
      description: "Only the units of these results, as the workers name the folder.",
      fallback: { words: "all" },
      positional: true,
      placeholder: "RESULTS",
    }),
});

export type QueueOptions = z.input<typeof queueOptions>;
