/** Calls that may not overlap, because they share the memory of a codec. */

/** A function whose calls wait for the calls before them, whether these succeed or fail. */
export function oneAfterTheOther<A, R>(work: (argument: A) => Promise<R>): (argument: A) => Promise<R> {
  let last: Promise<unknown> = Promise.resolve();
  return (argument) => {
    const own = last.then(() => work(argument));
    last = own.catch(() => {});
    return own;
  };
}
