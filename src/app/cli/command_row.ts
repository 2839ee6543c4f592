/** What a command is: a row of the table in commands.ts. Each row loads its command, and later its workflow, only when it is needed. */
import type * as z from "zod";
import type { SettledValue } from "../../options/meta.ts";
import type { Context } from "../../util/context.ts";
import type { UserError } from "../../util/errors.ts";
import type { JobEvent } from "../../util/reporter.ts";

/** A command: its options (one schema), its workflow, and how to print its result. */
export interface Job<S extends z.ZodObject = z.ZodObject, R = unknown, I = never> {
  options: S;
  run(options: z.output<S>, context: Context): Promise<R>;
  /** The result as lines for a person. */
  text(result: R, options: z.output<S>): readonly string[];
  /** Converts the result for JSON; by default the result is used unchanged. */
  json?(result: R): unknown;
  /** For results that are streamed: how to print each "item" event. With --json only the items are printed. */
  item?: { json(item: I): unknown; text?(item: I): readonly string[] };
  /** The lines for events that only this command has; undefined for all other events. */
  eventLines?(event: JobEvent): readonly string[] | undefined;
  /** The error to report after the result was printed, if part of the work failed. */
  problem?(result: R): UserError | undefined;
  /** For --print-config: values of missing options that are not in the schema, for example those of a recipe. */
  settled?(options: z.output<S>): Readonly<Record<string, SettledValue>>;
  /** Whether the result is positive; if not, the exit code is not 0. By default every result is positive. */
  passed?(result: R): boolean;
}

/** The headings in the list of commands, in this order. */
export const COMMAND_GROUPS = {
  data: "Data:",
  train: "Train:",
  measure: "Measure:",
  use: "Use:",
  machine: "This machine:",
} as const;

export type CommandGroup = keyof typeof COMMAND_GROUPS;

/** A command: its name, one sentence for the list of commands, and the function that loads it. */
export interface CommandRow<S extends z.ZodObject = z.ZodObject, R = unknown, I = never> {
  name: string;
  /** Earlier names, which still work. */
  aliases?: readonly string[];
  /** The heading in the list of commands. */
  group: CommandGroup;
  summary: string;
  /** Command lines shown in the command's help. */
  examples?: readonly string[];
  /** What the command still completes after a request to stop: "the current step". */
  finishes: string;
  load(): Promise<Job<S, R, I>>;
}

/** Makes a row of the table. The compiler checks that the schema's output fits the workflow. */
export function commandRow<S extends z.ZodObject, R, I>(row: CommandRow<S, R, I>): CommandRow {
  return row as unknown as CommandRow;
}

/** A workflow that is loaded when it runs: help and a mistake in the command line come without it. */
export function later<A extends unknown[], R>(
  load: () => Promise<(...given: A) => Promise<R>>,
): (...given: A) => Promise<R> {
  return async (...given) => (await load())(...given);
}
