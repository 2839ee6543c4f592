/** The metadata of an option in its schema, and the values of options that are not given. */
import type * as z from "zod";

/**
 * Sources of values for options that are not given, with the words for the help. The words are undefined if the heading
 * of the option's group explains the source.
 */
export const SOURCES = {
  recipe: "recipe's",
  augmentation: undefined,
  cores: "all cores",
  patch: "the patch's side, rounded down to a multiple of 8",
} as const;

/**
 * The value of an option that is not given and whose schema has no default.
 * - `value`: a fixed value. It cannot be a default in the schema, because a resumed run may have its own value.
 * - `from`: a source that the program can look up.
 * - `words`: a description, if the value is known only while the command runs.
 */
export type Fallback =
  | { readonly value: string | number }
  | { readonly from: keyof typeof SOURCES }
  | { readonly words: string };

/** The metadata of an option in a command's schema. The command line and its help are generated from it. */
export interface OptionMeta {
  description?: string;
  fallback?: Fallback;
  /** The name of the value in the help, for example "DIR". */
  placeholder?: string;
  /** One letter, for the short form of the flag. */
  short?: string;
  /** The option is a positional argument without a flag. */
  positional?: boolean;
  /**
   * The value is a path. In a configuration file it is relative to the file's folder. `except` lists the names of
   * models in the package, which are not paths.
   */
  path?: boolean | { readonly except: readonly string[] };
  /**
   * The option resumes earlier work with its settings. It may not be in a configuration file, and the file is not used
   * with it.
   */
  resumes?: boolean;
  /** The option selects an output format for other programs, and excludes --json and --events. */
  output?: boolean;
  /** The heading above the option in the help. */
  group?: string;
}

/** A schema with its metadata, whose type the compiler checks. */
export const option = <T extends z.ZodType>(schema: T, meta: OptionMeta): T => schema.meta({ ...meta });

/**
 * The words for the value of an option that is not given: "all cores"; undefined for a fixed value or if there are no
 * words.
 */
export function fallbackWords(fallback: Fallback | undefined): string | undefined {
  if (fallback === undefined || "value" in fallback) return undefined;
  return "from" in fallback ? SOURCES[fallback.from] : fallback.words;
}

/** The value of an option that is not given, and its source: "default", "recipe tutorial". */
export interface SettledValue {
  readonly value: unknown;
  readonly from: string;
}
