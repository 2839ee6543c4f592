/** Turns the texts of a command line into the values of an options schema, and every mistake into one sentence. */
import type { z } from "zod";
import { UserError } from "../../util/errors.ts";
import type { OptionEntry } from "./option_entries.ts";

/** What was typed, by property: a text, several, a switch, or nothing. */
export type TypedValues = Record<string, string | string[] | boolean | undefined>;

/**
 * The options, converted and checked by the schema.
 * @throws UserError that names the first wrong option, what it expects and what it is.
 */
export function readValues<S extends z.ZodObject>(
  schema: S,
  entries: readonly OptionEntry[],
  typed: TypedValues,
): z.output<S> {
  // No option means anything by the empty text, and as a path it would be the current folder.
  const empty = entries.find(({ property }) => [typed[property]].flat().includes(""));
  if (empty) throw new UserError(`${empty.label} must be ${empty.expected}, but is "".`);
  const given = entries
    .map((entry) => [entry.property, convert(entry, typed[entry.property])] as const)
    .filter(([, value]) => value !== undefined);
  const entryOf = (path: readonly PropertyKey[] | undefined): OptionEntry | undefined =>
    entries.find(({ property }) => property === path?.[0]);
  // A message that the schema gives itself goes before this one; both follow the option's name.
  const result = schema.safeParse(Object.fromEntries(given), {
    error: (issue) => complaint(entryOf(issue.path), issue.input),
  });
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const entry = entryOf(issue.path);
  const sentence = entry ? `${entry.label} ${issue.message}` : issue.message;
  throw new UserError(/[.?!]$/.test(sentence) ? sentence : `${sentence}.`);
}

function convert({ numeric }: OptionEntry, value: TypedValues[string]): unknown {
  const one = (text: string): string | number =>
    numeric && text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
  if (Array.isArray(value)) return value.map(one);
  return typeof value === "string" ? one(value) : value;
}

function complaint(entry: OptionEntry | undefined, input: unknown): string | undefined {
  if (!entry) return undefined;
  if (input === undefined) return `is required${entry.description ? `: ${entry.description}` : ""}`;
  if (Array.isArray(input)) return `has the wrong number of values (${input.length})`;
  return `must be ${entry.expected}, but is ${JSON.stringify(input)}`;
}
