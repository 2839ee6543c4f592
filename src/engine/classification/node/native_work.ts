/**
 * Tracks whether a thread is inside ONNX Runtime. If a process ends at that time, it also ends the thread, and
 * interrupting native code aborts the process (exit code 134, "terminate called"). A process that ends therefore waits
 * for such work first.
 */

const [BUSY, HALTED] = [0, 1];
const LENGTH = 2;
/** A block takes some milliseconds; opening a model takes some tenths of a second. */
const PATIENCE_MILLISECONDS = 2000;

/** Shared memory that shows a process whether one of its threads is inside native code. */
export type NativeState = SharedArrayBuffer;

export function nativeState(): NativeState {
  return new SharedArrayBuffer(LENGTH * Int32Array.BYTES_PER_ELEMENT);
}

const watched = new Set<Int32Array>();

/**
 * For the thread that has started another thread: this process does not end during that thread's native work. `ended`
 * resolves when that thread has ended.
 */
export function watchNativeWork(memory: NativeState, ended: Promise<void>): void {
  const state = new Int32Array(memory);
  watched.add(state);
  ended.then(() => watched.delete(state));
}

process.on("exit", () => {
  for (const state of watched) Atomics.store(state, HALTED, 1);
  for (const state of watched) Atomics.wait(state, BUSY, 1, PATIENCE_MILLISECONDS);
});

/**
 * For the other thread: runs native work, one call at a time. If the process is ending, the work does not start and the
 * promise never settles.
 */
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
