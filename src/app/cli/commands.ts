/** The table of commands: a row each, loaded only when it is asked for. */
import type { z } from "zod";
import type { Context } from "../../workflows/context.ts";

/** A command's options (one schema) and the workflow that takes them. */
export interface Job<S extends z.ZodObject> {
  options: S;
  run(options: z.output<S>, context: Context): Promise<unknown>;
}

/** A command: its name, one sentence for the list of commands, and how to load it. */
export interface CommandRow<S extends z.ZodObject = z.ZodObject> {
  name: string;
  summary: string;
  /** Command lines shown in the command's help. */
  examples?: readonly string[];
  load(): Promise<Job<S>>;
}

/** A row of the table; the compiler checks that the workflow takes what the schema gives. */
export function commandRow<S extends z.ZodObject>(row: CommandRow<S>): CommandRow {
  return row as unknown as CommandRow;
}

export const COMMANDS: readonly CommandRow[] = [
  commandRow({
    name: "prepare",
    summary: "Build a dataset from a folder or archive of patches.",
    examples: ["cancernet prepare archive.zip --out dataset"],
    load: () =>
      import("../../workflows/prepare.ts").then(({ prepare, prepareOptions }) => ({
        options: prepareOptions,
        run: prepare,
      })),
  }),
];
