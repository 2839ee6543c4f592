/**
 * Work that is done a few pieces at a time, and once for all who ask for the same. Work that nobody waits for any more
 * does not start.
 */
import { UserError } from "../../../util/errors.ts";
import { counted } from "../../../util/numbers.ts";

interface Shared<T> {
  readonly promise: Promise<T>;
  readonly gone: AbortController;
  waiters: number;
}

export class SharedWork<T> {
  readonly #atOnce: number;
  readonly #mostWaiting: number;
  readonly #pending = new Map<string, Shared<T>>();
  readonly #queue: { readonly start: () => void; readonly signal: AbortSignal }[] = [];
  #running = 0;

  /**
   * @param atOnce pieces that run at a time
   * @param mostWaiting pieces that wait beside them; a further one is refused
   */
  constructor(atOnce: number, mostWaiting: number) {
    this.#atOnce = atOnce;
    this.#mostWaiting = mostWaiting;
  }

  /**
   * The result of the work with that key.
   * @throws the signal's reason if it is aborted, UserError if too much work waits.
   */
  async get(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    let shared = this.#pending.get(key);
    if (!shared) {
      const gone = new AbortController();
      shared = { promise: this.#inTurn(gone.signal, work), gone, waiters: 0 };
      const mine = shared;
      this.#pending.set(key, mine);
      const forget = () => void (this.#pending.get(key) === mine && this.#pending.delete(key));
      gone.signal.addEventListener("abort", forget);
      mine.promise.then(forget, forget);
    }
    shared.waiters++;
    try {
      return await orAborted(shared.promise, signal);
    } finally {
      shared.waiters--;
      if (shared.waiters === 0) shared.gone.abort();
    }
  }

  async #inTurn(gone: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#atOnce) this.#running++;
    else await this.#turn(gone);
    try {
      return await work();
    } finally {
      // The next piece takes over this place, so the count stays the same.
      const next = this.#queue.shift();
      if (next) next.start();
      else this.#running--;
    }
  }

  #turn(gone: AbortSignal): Promise<void> {
    if (this.#queue.length >= this.#mostWaiting) {
      throw new UserError(
        "server-busy",
        `${counted(this.#mostWaiting, "tile")} are waiting already: ask again in a moment.`,
      );
    }
    return new Promise((start, refuse) => {
      const waiting = { start, signal: gone };
      this.#queue.push(waiting);
      gone.addEventListener("abort", () => {
        const place = this.#queue.indexOf(waiting);
        if (place < 0) return;
        this.#queue.splice(place, 1);
        refuse(gone.reason);
      });
    });
  }
}

/** Waits for a promise, but no longer than until the signal is aborted. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
