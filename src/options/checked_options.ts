/** Checks options against their schema: returns the checked values, or throws an error about the first wrong option. */
import type * as z from "zod";
import type { ErrorCode } from "../util/error_codes.ts";
import { UserError } from "../util/errors.ts";
import { type OptionEntry, optionEntries } from "./option_entries.ts";

/**
 * Checks the options of a call from TypeScript, and adds defaults. Options that were already checked are returned
 * unchanged.
 * @throws UserError that names the first wrong or unknown option and what was expected.
 */
export function checkedOptions<S extends z.ZodObject>(schema: S, given: z.input<S>): z.output<S> {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new UserError("option-invalid", `The options must be an object, but are ${shown(given)}.`);
  }
  const known = Object.keys(schema.shape);
  const unknown = Object.keys(given).find((name) => !known.includes(name) && given[name] !== undefined);
  if (unknown !== undefined) {
    throw new UserError(
      "option-unknown",
      `There is no option ${shown(unknown)}: ${known.length === 0 ? "there are none" : `the options are ${known.join(", ")}`}.`,
    );
  }
  return parseOptions(schema, given, ({ property }) => property);
}

/**
 * Checks values by property name against the schema.
 * @param label the name of an option in errors: "--batch-size", "batchSize"
 * @throws UserError that names the first wrong option, what it expects and its value.
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
  // A message of the schema itself takes precedence over this one. The option's name is put before either.
  const { error } = schema.safeParse(values, {
    error: ({ path = [], input }) => complaint(entryOf(path), { input, isWhole: path.length === 1 }),
  });
  const issue = error!.issues[0]!;
  const entry = entryOf(issue.path);
  if (!entry) throw asSentence("options-conflict", issue.message);
  const code = values[entry.property] === undefined ? "option-missing" : "option-invalid";
  throw asSentence(code, `${label(entry)} ${issue.message}`);
}

/**
 * What is wrong with an option's value, as the predicate of a sentence; undefined without an entry.
 * @param isWhole whether the input is the option's whole value, not one element of a list
 */
export function complaint(
  entry: OptionEntry | undefined,
  { input, isWhole }: { input: unknown; isWhole: boolean },
): string | undefined {
  if (!entry) return undefined;
  if (input === undefined && isWhole) return `is required${entry.description ? `: ${entry.description}` : ""}`;
  if (isWhole && entry.repeated) {
    if (Array.isArray(input)) return `has the wrong number of values (${input.length})`;
    return `must be a list, each of it ${entry.expected}, but is ${shown(input)}`;
  }
  const quotes = entry.textual && typeof input === "number" ? ": write it in quotes" : "";
  return `must be ${entry.expected}, but is ${shown(input)}${quotes}`;
}

/** A user error whose message ends with a full stop. */
export const asSentence = (code: ErrorCode, text: string): UserError =>
  new UserError(code, /[.?!]$/.test(text) ? text : `${text}.`);

const MOST_SHOWN = 20;

/** A value for an error message. Nested values are omitted. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) {
    const first = value.slice(0, MOST_SHOWN).map((one) => (Array.isArray(one) ? "[...]" : shown(one)));
    return `[${first.join(", ")}${value.length > MOST_SHOWN ? ", ..." : ""}]`;
  }
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "function" || typeof value === "symbol" ? `a ${typeof value}` : String(value);
}
