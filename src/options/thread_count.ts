/** How many threads a command uses. */
import { MOST_THREADS } from "./shared.ts";

/** The threads asked for, or one per core. */
export function threadsOf({ threads }: { threads?: number | undefined }): number {
  return threads ?? Math.min(navigator.hardwareConcurrency, MOST_THREADS);
}
