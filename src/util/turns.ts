/** Runs long computations, written as generators, either without interruption or with pauses for the event loop. */
/** A computation pauses after this time, so that other events, such as a request to stop, are handled. */
const TURN_MILLISECONDS = 20;

/** Lets the event loop handle waiting events; works in Node and in browsers. */
export function aTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Runs a computation without interruption and returns its result. */
export function atOnce<R>(steps: Generator<unknown, R>): R {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/**
 * Runs a computation with pauses for the event loop between its steps, and returns its result.
 * @throws the signal's reason once it is aborted.
 */
export async function inTurns<R>(steps: Generator<unknown, R>, signal?: AbortSignal): Promise<R> {
  signal?.throwIfAborted();
  for (let start = performance.now(); ; ) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() - start < TURN_MILLISECONDS) continue;
    await aTurn();
    signal?.throwIfAborted();
    start = performance.now();
  }
}
