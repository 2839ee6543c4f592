/** What every workflow is given besides its options. */
import type { Reporter } from "./reporter.ts";

/** Where a job reports how far it is, and how it is asked to stop (it then cleans up and throws `signal.reason`). */
export interface Context {
  reporter: Reporter;
  signal: AbortSignal;
}
