/**
 * What a thread does within ONNX Runtime. A process that ends meanwhile ends the thread too, and cutting it off there aborts the process
 * (exit code 134, "terminate called"): so whoever ends the process halts the threads first.
 */

const [BUSY, HALTED] = [0, 1];
const LENGTH = 2;
/** A block takes some milliseconds, opening a model some tenths of a second. */
const PATIENCE_MILLISECONDS = 2000;

export class NativeWork {
  readonly #state: Int32Array<SharedArrayBuffer>;

  /** Memory that both threads know. */
  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(LENGTH * Int32Array.BYTES_PER_ELEMENT);
  }

  constructor(memory: SharedArrayBuffer) {
    this.#state = new Int32Array(memory);
  }

  /** For the thread: does the work, one at a time; once it was halted, nothing more comes of it. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    Atomics.store(this.#state, BUSY, 1);
    try {
      if (Atomics.load(this.#state, HALTED) === 0) return await work();
    } finally {
      Atomics.store(this.#state, BUSY, 0);
      Atomics.notify(this.#state, BUSY);
    }
    return new Promise<never>(() => {});
  }

  /** For another thread, which waits until the work at hand is done. */
  halt(): void {
    Atomics.store(this.#state, HALTED, 1);
    Atomics.wait(this.#state, BUSY, 1, PATIENCE_MILLISECONDS);
  }
}
