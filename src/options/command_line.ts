/** Formats options as command lines that people can paste. */
import type * as z from "zod";
import { type OptionEntry, optionEntries } from "./option_entries.ts";

/** An option's flag on the command line: "batchSize" becomes "--batch-size". */
export const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** "cancernet" and the words after it, each quoted for the shell if necessary. */
export function commandLine(...words: readonly string[]): string {
  return ["cancernet", ...words].map(quoted).join(" ");
}

function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Some of a command's options. */
export type SomeOptions<S extends z.ZodObject> = Readonly<Partial<z.input<S>>>;

/**
 * The command line that passes these options to a command: its arguments, then its flags in the order of the schema.
 * Options that are not given or equal the default are omitted.
 */
export function commandLineOf<S extends z.ZodObject>(verb: string, schema: S, values: SomeOptions<S>): string {
  return commandLine(...commandWords(verb, schema, values));
}

/**
 * The words of that command line, starting with the command.
 * @param keepsDefaults whether options that equal the default are included, so that no configuration file can change
 * them
 */
export function commandWords<S extends z.ZodObject>(
  verb: string,
  schema: S,
  values: SomeOptions<S>,
  { keepsDefaults = false } = {},
): string[] {
  const entries = optionEntries(schema);
  const givenFor = ({ property }: OptionEntry): unknown => values[property as keyof typeof values];
  const lastPlace = entries.findLastIndex((entry) => entry.positional && givenFor(entry) !== undefined);
  const given = entries.flatMap((entry, index) => {
    // The place of an argument says what it is, so no argument before another one is omitted.
    const isBefore = entry.positional && index < lastPlace;
    const value = givenFor(entry) ?? (isBefore ? entry.default : undefined);
    const isUsual = JSON.stringify(value) === JSON.stringify(entry.default);
    return value === undefined || (isUsual && !keepsDefaults && !isBefore) ? [] : [{ entry, value }];
  });
  const places = given.filter(({ entry }) => entry.positional).flatMap(({ value }) => [value].flat().map(String));
  const flags = given.filter(({ entry }) => !entry.positional).flatMap(({ entry, value }) => wordsOf(entry, value));
  // Behind "--", an argument that starts with "-" is not read as a flag.
  const words = places.some((place) => place.startsWith("-")) ? [...flags, "--", ...places] : [...places, ...flags];
  return [verb, ...words];
}

function wordsOf({ name, label, isSwitch }: OptionEntry, value: unknown): string[] {
  if (isSwitch) return [value === true ? label : `--no-${name}`];
  return [value].flat().flatMap((one) => [label, String(one)]);
}
