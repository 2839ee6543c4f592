/** Options against their schema: checked values out, or one sentence about the first that is wrong. */
import { inspect } from "node:util";
import type { z } from "zod";
import { UserError } from "../util/errors.ts";
import { type OptionEntry, optionEntries } from "./option_entries.ts";

/**
 * What a verb was given from TypeScript, with defaults; options that were checked before come out as they are.
 * @throws UserError that names the first option that is wrong or not known, and what was expected.
 */
export function checkedOptions<S extends z.ZodObject>(schema: S, given: z.input<S>): z.output<S> {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new UserError(`The options must be an object, but are ${shown(given)}.`);
  }
  const known = Object.keys(schema.shape);
  const unknown = Object.keys(given).find((name) => !known.includes(name) && given[name] !== undefined);
  if (unknown !== undefined) {
    throw new UserError(`There is no option ${shown(unknown)}: the options are ${known.join(", ")}.`);
  }
  return parseOptions(schema, given, ({ property }) => property);
}

/**
 * Values by property against the schema.
 * @param label how a sentence names an option: "--batch-size", "batchSize"
 * @throws UserError that names the first wrong option, what it expects and what it is.
 */
export function parseOptions<S extends z.ZodObject>(
  schema: S,
  values: Readonly<Record<string, unknown>>,
  label: (entry: OptionEntry) => string,
): z.output<S> {
  const first = schema.safeParse(values);
  if (first.success) return first.data;
  const entries = optionEntries(schema);
  const entryOf = (path: readonly PropertyKey[] | undefined) => entries.find(({ property }) => property === path?.[0]);
  // A message that the schema gives itself goes before this one; both follow the option's name.
  const { error } = schema.safeParse(values, {
    error: ({ path = [], input }) => complaint(entryOf(path), { input, isWhole: path.length === 1 }),
  });
  const issue = error!.issues[0]!;
  const entry = entryOf(issue.path);
  const sentence = entry ? `${label(entry)} ${issue.message}` : issue.message;
  throw new UserError(/[.?!]$/.test(sentence) ? sentence : `${sentence}.`);
}

/** @param isWhole whether the input is all that was given for the option, and not one of a list */
function complaint(
  entry: OptionEntry | undefined,
  { input, isWhole }: { input: unknown; isWhole: boolean },
): string | undefined {
  if (!entry) return undefined;
  if (input === undefined && isWhole) return `is required${entry.description ? `: ${entry.description}` : ""}`;
  if (!entry.repeated || !isWhole) return `must be ${entry.expected}, but is ${shown(input)}`;
  if (Array.isArray(input)) return `has the wrong number of values (${input.length})`;
  return `must be a list, but is ${shown(input)}`;
}

/** A value for a sentence; what is long is cut. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  return inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 3, maxStringLength: 50 });
}
