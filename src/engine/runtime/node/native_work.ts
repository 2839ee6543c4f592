/**
 * What a thread does within ONNX Runtime. A process that ends meanwhile ends the thread too, and to be cut off there aborts the
 * process (exit code 134, "terminate called"): so a process that ends waits for such work first.
 */

const [BUSY, HALTED] = [0, 1];
const LENGTH = 2;
/** A block takes some milliseconds, opening a model some tenths of a second. */
const PATIENCE_MILLISECONDS = 2000;

/** The memory by which a process knows whether a thread of its own is within native code. */
export type NativeState = SharedArrayBuffer;

export function nativeState(): NativeState {
  return new SharedArrayBuffer(LENGTH * Int32Array.BYTES_PER_ELEMENT);
}

const watched = new Set<Int32Array>();

/** For the thread that has started another: this process does not end within that one's work, until it has ended itself. */
export function watchNativeWork(memory: NativeState, ended: Promise<void>): void {
  const state = new Int32Array(memory);
  watched.add(state);
  ended.then(() => watched.delete(state));
}

process.on("exit", () => {
  for (const state of watched) Atomics.store(state, HALTED, 1);
  for (const state of watched) Atomics.wait(state, BUSY, 1, PATIENCE_MILLISECONDS);
});

/** For that other thread: does such work, one at a time. When the process ends, no more is begun. */
export async function doNativeWork<T>(memory: NativeState, work: () => Promise<T>): Promise<T> {
  const state = new Int32Array(memory);
  Atomics.store(state, BUSY, 1);
  try {
    if (Atomics.load(state, HALTED) === 0) return await work();
  } finally {
    Atomics.store(state, BUSY, 0);
    Atomics.notify(state, BUSY);
  }
  return new Promise<never>(() => {});
}
