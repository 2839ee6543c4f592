/** Many small asynchronous tasks at once, but never more than a bound. */

/** More than the threads that read and decode (four by default), so that these never wait. */
const IN_FLIGHT = 64;

/** How a long job is stopped and watched. */
export interface Watch {
  signal: AbortSignal;
  /** Called after every task with the number of tasks done. */
  onProgress(done: number): void;
  /** The most tasks at once; 64 unless given. */
  readonly atOnce?: number;
}

/**
 * Runs `task` for 0 .. count - 1, many at a time. Returns or throws only when no task runs any more.
 * @throws the first task's error, or `signal.reason`; no further task is started after either.
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
