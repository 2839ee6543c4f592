/** Long computations as generators, whose steps run at once or with turns for everything else between them. */
/** After so much work of its own a computation lets others have their turn, so that a request to stop is heard. */
const TURN_MILLISECONDS = 20;

/** Lets everything else that waits have its turn, in any environment. */
export function aTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** The result of a computation, without a break. */
export function atOnce<R>(steps: Generator<unknown, R>): R {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/**
 * The result of a computation, between whose steps the event loop gets its turns.
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
