/** The context that every workflow gets besides its options. */
import type { Reporter } from "./reporter.ts";

/**
 * The reporter for a job's progress, and the signal that stops it. A stopped job cleans up and throws `signal.reason`.
 */
export interface Context {
  reporter: Reporter;
  signal: AbortSignal;
}
