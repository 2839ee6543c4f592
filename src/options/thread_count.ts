/** The number of threads of a command. */
import { MOST_THREADS } from "./shared.ts";

/** The given number of threads, or one per core up to the maximum. */
export function threadsOf({ threads }: { threads?: number | undefined }): number {
  return threads ?? Math.min(navigator.hardwareConcurrency, MOST_THREADS);
}
