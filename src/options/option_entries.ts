/** Converts a zod object schema to a list of command-line options: names, types, defaults and expected values. */
import * as z from "zod";
import type { Fallback, OptionMeta, SettledValue } from "./meta.ts";

/** An option's schema as JSON Schema (2020-12) with our own metadata. */
interface Property extends OptionMeta {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Property[];
  items?: Property;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
}

const LONGEST_PLACEHOLDER = 24;

/** One option of a command. */
export interface OptionEntry {
  /** The name in the schema: "patchSizePixels". */
  property: string;
  /** The name on the command line: "patch-size-pixels". */
  name: string;
  /** The name in errors: "--patch-size-pixels", or "<folder>" for a positional argument. */
  label: string;
  description: string;
  /** The name of the value in the help: "number", "DIR", "a|b". */
  placeholder: string;
  short: string | undefined;
  positional: boolean;
  required: boolean;
  isSwitch: boolean;
  /** The option may be given several times; the value is an array. */
  repeated: boolean;
  numeric: boolean;
  /** The value is always a string. */
  textual: boolean;
  /** The value is a path, except for the listed names; undefined if it is not a path. */
  path: { readonly except: readonly string[] } | undefined;
  resumes: boolean;
  /** The option selects an output format. */
  output: boolean;
  group: string | undefined;
  choices: readonly string[];
  default: unknown;
  /** The value if the option is not given and has no default. */
  fallback: Fallback | undefined;
  /** A description of valid values: "a whole number of at least 1". */
  expected: string;
}

/** The options of a schema, in its order. */
export function optionEntries(schema: z.ZodObject): OptionEntry[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return Object.entries(properties).map(([property, value]) =>
    toEntry(property, value as Property, required.includes(property)),
  );
}

/** The fixed values of options that are not given and have no default in the schema. */
export function fallbackValues(schema: z.ZodObject): [property: string, value: string | number][] {
  return optionEntries(schema).flatMap(({ property, fallback }) =>
    fallback && "value" in fallback ? [[property, fallback.value]] : [],
  );
}

/** The same values, for display. */
export const settledFallbacks = (schema: z.ZodObject): Record<string, SettledValue> =>
  Object.fromEntries(fallbackValues(schema).map(([name, value]) => [name, { value, from: "default" }]));

function toEntry(property: string, outer: Property, required: boolean): OptionEntry {
  const name = property.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  if (name.startsWith("no-")) throw new Error(`Option ${property}: name what is switched on; --no-... turns it off.`);
  const repeated = outer.type === "array";
  const value = repeated ? (outer.items ?? {}) : outer;
  const branches = value.anyOf ?? [value];
  const numeric = branches.some(isNumeric);
  const stand = branches
    .map((branch) => choicesOf(branch).join("|") || (isNumeric(branch) ? "number" : "text"))
    .join("|");
  const positional = outer.positional === true;
  return {
    property,
    name,
    label: positional ? `<${name}>` : `--${name}`,
    description: outer.description ?? "",
    placeholder: outer.placeholder ?? (stand.length <= LONGEST_PLACEHOLDER ? stand : "choice"),
    short: outer.short,
    positional,
    required,
    isSwitch: outer.type === "boolean",
    repeated,
    numeric,
    textual: branches.every(({ type, ...branch }) => type === "string" && !("const" in branch)),
    path: outer.path === true ? { except: [] } : outer.path || undefined,
    resumes: outer.resumes === true,
    output: outer.output === true,
    group: outer.group,
    choices: branches.flatMap(choicesOf),
    default: outer.default,
    fallback: outer.fallback,
    expected: branches.map(expectation).join(", or "),
  };
}

function isNumeric({ type }: Property): boolean {
  return type === "number" || type === "integer";
}

function choicesOf(value: Property): string[] {
  return (value.enum ?? ("const" in value ? [value.const] : [])).map(String);
}

function expectation(value: Property): string {
  if (value.enum) return `one of ${value.enum.join(", ")}`;
  if ("const" in value) return String(value.const);
  if (value.type === "boolean") return "true or false";
  if (!isNumeric(value)) return "a text";
  return [value.type === "integer" ? "a whole number" : "a number", range(value)].filter(Boolean).join(" ");
}

const bound = (word: string, value: number | undefined): string => (value === undefined ? "" : `${word} ${value}`);

function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Property): string {
  // Prefer exclusive bounds. A whole number also has inclusive bounds, the largest integers that are exact.
  if (
    exclusiveMinimum === undefined &&
    exclusiveMaximum === undefined &&
    minimum !== undefined &&
    maximum !== undefined
  )
    return `from ${minimum} to ${maximum}`;
  const low = exclusiveMinimum !== undefined ? `above ${exclusiveMinimum}` : bound("at least", minimum);
  const high = exclusiveMaximum !== undefined ? `below ${exclusiveMaximum}` : bound("at most", maximum);
  const bounds = [low, high].filter(Boolean).join(" and ");
  return /^at /.test(bounds) ? `of ${bounds}` : bounds;
}
