/** The options of the command "demo". */
import * as z from "zod";

export const demoOptions = z.object({
  out: z.string().default("demo").meta({ description: "New folder for everything.", placeholder: "DIR", path: true }),
  cases: z.int().min(6).max(100).default(12).meta({ description: "Synthetic cases to make." }),
  epochs: z.int().min(1).max(100).default(5).meta({ description: "Epochs to train." }),
  seed: z.int().nonnegative().default(42).meta({ description: "Seed of all randomness." }),
});

export type DemoOptions = z.input<typeof demoOptions>;
