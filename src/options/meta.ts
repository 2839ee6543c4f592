/** What the schema of an option may say about itself, and what holds if an option is not given. */
import type { z } from "zod";

/** What the program settles itself if an option is not given, and the words for it; none if the heading of the group says it. */
export const SOURCES = {
  recipe: "recipe's",
  augmentation: undefined,
  cores: "all cores",
  patch: "the patch's side, rounded down to a multiple of 8",
} as const;

/**
 * What holds if an option is not given and its schema has no default: a value, as an option that may also be taken from what was
 * begun cannot have a default in its schema; a source that the program knows; or words, if only the verb's work can tell.
 */
export type Fallback =
  | { readonly value: string | number }
  | { readonly from: keyof typeof SOURCES }
  | { readonly words: string };

/** The `meta` of an option in a workflow's schema, from which the command line and its help are made. */
export interface OptionMeta {
  description?: string;
  fallback?: Fallback;
  /** What stands for the value in the help, such as "DIR". */
  placeholder?: string;
  /** One letter, for a short form. */
  short?: string;
  /** The option is given by its place, without a flag. */
  positional?: boolean;
  /** The value is a path: in a configuration file it is relative to that file's folder. Names of models that come along are none. */
  path?: boolean | { readonly except: readonly string[] };
  /** The option goes on with what was begun, with its settings: it cannot stand in a configuration file, which is not used then. */
  resumes?: boolean;
  /** The option decides how the result is printed, for other programs: it excludes --json and --events. */
  output?: boolean;
  /** The heading above the option in the help. */
  group?: string;
}

/** A schema with its `meta`, checked by the compiler. */
export const option = <T extends z.ZodType>(schema: T, meta: OptionMeta): T => schema.meta({ ...meta });

/** What holds otherwise, for people: "all cores"; undefined for a value, or if there is nothing to say. */
export function fallbackWords(fallback: Fallback | undefined): string | undefined {
  if (fallback === undefined || "value" in fallback) return undefined;
  return "from" in fallback ? SOURCES[fallback.from] : fallback.words;
}

/** The value of an option that was not given, and what it comes from: "default", "recipe tutorial". */
export interface SettledValue {
  readonly value: unknown;
  readonly from: string;
}
