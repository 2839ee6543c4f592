/** What every workflow is given besides its options, and what an option's schema may say about itself. */
import type { Reporter } from "../util/reporter.ts";

/** Where a job tells how far it is, and how it is asked to stop (it then cleans up and throws `signal.reason`). */
export interface Context {
  reporter: Reporter;
  signal: AbortSignal;
}

/** The `meta` of an option in a workflow's schema, from which the command line and its help are made. */
export interface OptionMeta {
  description?: string;
  /** What stands for the value in the help, such as "DIR". */
  placeholder?: string;
  /** One letter, for a short form. */
  short?: string;
  /** The option is given by its place, without a flag. */
  positional?: boolean;
}
