/**
 * Converts the texts of a command line and the values of a configuration file to checked options. Every mistake gives
 * one sentence.
 */
import type * as z from "zod";
import { asSentence, complaint, parseOptions } from "../../options/checked_options.ts";
import type { OptionEntry } from "../../options/option_entries.ts";
import { UserError } from "../../util/errors.ts";
import type { ConfiguredValues } from "./configured_values.ts";

/** The typed values by property: a text, several texts, a switch, or undefined. */
export type TypedValues = Record<string, string | string[] | boolean | undefined>;

/** All options of a command. A flag has priority over a value of the file. */
export interface GivenOptions {
  readonly entries: readonly OptionEntry[];
  readonly typed: TypedValues;
  readonly configured: ConfiguredValues;
}

/**
 * Converts the options and checks them with the schema.
 * @throws UserError that names the first invalid option, the expected value and the given value.
 */
export function readValues<S extends z.ZodObject>(schema: S, given: GivenOptions): z.output<S> {
  return parseOptions(schema, valuesOf(given), (entry) => labelOf(entry, given));
}

/**
 * Checks one option with its own schema. Returns undefined if it is required but missing.
 * @throws UserError like `readValues`.
 */
export function readValue(schema: z.ZodObject, entry: OptionEntry, given: GivenOptions): unknown {
  const value = valuesOf({ ...given, entries: [entry] })[entry.property];
  if (value === undefined && entry.required) return undefined;
  const option = schema.shape[entry.property] as z.ZodType;
  const result = option.safeParse(value, {
    error: ({ path, input }) => complaint(entry, { input, isWhole: (path?.length ?? 0) === 0 }),
  });
  if (result.success) return result.data;
  throw asSentence("option-invalid", `${labelOf(entry, given)} ${result.error.issues[0]!.message}`);
}

/**
 * Checks every value of the file separately, including values that a flag replaces.
 * @throws UserError like `readValues`.
 */
export function requireSoundFile(schema: z.ZodObject, given: GivenOptions): void {
  const inFile = given.entries.filter(({ property }) => given.configured.has(property));
  for (const entry of inFile) readValue(schema, entry, { ...given, typed: {} });
}

/**
 * The converted values by property, not yet checked.
 * @throws UserError if a text is empty.
 */
function valuesOf(given: GivenOptions): Record<string, unknown> {
  const values = given.entries.map((entry) => {
    const { property, expected } = entry;
    const value = given.typed[property] ?? given.configured.get(property)?.value;
    // The empty text is not valid for any option. As a path it would mean the current folder.
    if ([value].flat().includes(""))
      throw new UserError("option-invalid", `${labelOf(entry, given)} must be ${expected}, but is "".`);
    return [property, given.typed[property] === undefined ? value : convert(entry, given.typed[property])] as const;
  });
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

/** The option's name in errors, with its position if it comes from a file. */
function labelOf({ property, label }: OptionEntry, { typed, configured }: GivenOptions): string {
  const value = typed[property] === undefined ? configured.get(property) : undefined;
  return value ? `"${property}" in ${value.place}` : label;
}

function convert({ numeric }: OptionEntry, value: TypedValues[string]): unknown {
  const one = (text: string): string | number =>
    numeric && text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
  if (Array.isArray(value)) return value.map(one);
  return typeof value === "string" ? one(value) : value;
}
