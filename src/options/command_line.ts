/** Command lines as people can paste them, made from the options that they stand for. */
import type { z } from "zod";
import { type OptionEntry, optionEntries } from "./option_entries.ts";

/** An option's name on the command line: "batchSize" is "--batch-size". */
export const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** "cancernet" and the words behind it, each in the shell's quotes if it needs them. */
export function commandLine(...words: readonly string[]): string {
  return ["cancernet", ...words].map(quoted).join(" ");
}

function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Some of the options of a verb. */
export type SomeOptions<S extends z.ZodObject> = Readonly<Partial<z.input<S>>>;

/**
 * The command line that gives a verb these options: its arguments, then its flags in the order of the schema. What is not given, or
 * as the schema has it anyhow, is left out.
 */
export function commandLineOf<S extends z.ZodObject>(verb: string, schema: S, values: SomeOptions<S>): string {
  return commandLine(...commandWords(verb, schema, values));
}

/**
 * Its words, from the verb on.
 * @param keepsDefaults whether what is as the schema has it anyhow is said too, so that no configuration file changes it
 */
export function commandWords<S extends z.ZodObject>(
  verb: string,
  schema: S,
  values: SomeOptions<S>,
  { keepsDefaults = false } = {},
): string[] {
  const given = optionEntries(schema).flatMap((entry) => {
    const value: unknown = values[entry.property as keyof typeof values];
    const isUsual = JSON.stringify(value) === JSON.stringify(entry.default);
    return value === undefined || (isUsual && !keepsDefaults) ? [] : [{ entry, value }];
  });
  const places = given.filter(({ entry }) => entry.positional).flatMap(({ value }) => [value].flat().map(String));
  const flags = given.filter(({ entry }) => !entry.positional).flatMap(({ entry, value }) => wordsOf(entry, value));
  // An argument that looks like a flag is none behind "--".
  const words = places.some((place) => place.startsWith("-")) ? [...flags, "--", ...places] : [...places, ...flags];
  return [verb, ...words];
}

function wordsOf({ name, label, isSwitch }: OptionEntry, value: unknown): string[] {
  if (isSwitch) return [value === true ? label : `--no-${name}`];
  return [value].flat().flatMap((one) => [label, String(one)]);
}
