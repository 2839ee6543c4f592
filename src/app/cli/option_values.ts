/** Turns the texts of a command line into the values of an options schema, and every mistake into one sentence. */
import type { z } from "zod";
import { UserError } from "../../util/errors.ts";
import { parseOptions } from "../../workflows/checked_options.ts";
import type { OptionEntry } from "../../workflows/option_entries.ts";

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
  return parseOptions(schema, Object.fromEntries(given), ({ label }) => label);
}

function convert({ numeric }: OptionEntry, value: TypedValues[string]): unknown {
  const one = (text: string): string | number =>
    numeric && text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
  if (Array.isArray(value)) return value.map(one);
  return typeof value === "string" ? one(value) : value;
}
