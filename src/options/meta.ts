/** What the schema of an option may say about itself, and what holds if an option is not given. */

/** The `meta` of an option in a workflow's schema, from which the command line and its help are made. */
export interface OptionMeta {
  description?: string;
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

/** The value of an option that was not given, and what it comes from: "default", "recipe tutorial". */
export interface SettledValue {
  readonly value: unknown;
  readonly from: string;
}
