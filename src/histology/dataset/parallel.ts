/** Runs many small asynchronous tasks in parallel, up to a limit. */

/** More than the threads that read and decode (four by default), so that they are never idle. */
const IN_FLIGHT = 64;

/** Cancellation and progress of a long job. */
export interface Watch {
  signal: AbortSignal;
  /** Called after every task with the number of tasks done. */
  onProgress(done: number): void;
  /** The maximum number of tasks at once. Default: 64. */
  readonly atOnce?: number;
}

/**
 * Runs `task` for 0 .. count - 1, many at a time. Returns or throws only after all running tasks have ended.
 * @throws the first task's error, or `signal.reason`. No further task starts after either.
 */
export async function forEachInParallel(
  count: number,
  { signal, onProgress, atOnce = IN_FLIGHT }: Watch,
  task: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  let done = 0;
  let failed = false;
  const work = async (): Promise<void> => {
    while (next < count && !failed) {
      try {
        signal.throwIfAborted();
        await task(next++);
        onProgress(++done);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(atOnce, count) }, work));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  signal.throwIfAborted();
}
