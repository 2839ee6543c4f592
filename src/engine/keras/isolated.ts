/**
 * Reads a Keras file in a separate thread, with limited time and memory, so that a damaged file does no harm to this
 * thread.
 */
import { Worker } from "node:worker_threads";
import { ownScript } from "../../system/own_files.ts";
import { endOf, letEnd } from "../../system/threads.ts";
import { messageOf } from "../../util/errors.ts";
import type { KerasAnswer, KerasWork } from "./worker.ts";

/** An intact file takes about a second. */
const PATIENCE_SECONDS = 20;
const MOST_MEGABYTES = 512;

/**
 * Reads the file and returns the outcome.
 * @throws the signal's reason if it is aborted.
 */
export async function readKerasIsolated(work: KerasWork, signal: AbortSignal): Promise<KerasAnswer> {
  signal.throwIfAborted();
  const script = ownScript("engine/keras/worker");
  const thread = new Worker(script, {
    workerData: work,
    // The thread does not inherit this process's Node options, such as a profiler.
    execArgv: [],
    // HDF5 also prints its errors. They are discarded.
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEGABYTES },
  });
  thread.stdout.resume();
  thread.stderr.resume();
  const ended = endOf(thread);
  let patience: NodeJS.Timeout | undefined;
  let stop: (() => void) | undefined;
  try {
    return await new Promise<KerasAnswer>((resolve, reject) => {
      thread.once("message", resolve);
      thread.once("error", (error) => resolve({ damaged: messageOf(error) }));
      thread.once("exit", () => resolve({ damaged: "it crashed the thread that read it" }));
      patience = setTimeout(
        () => resolve({ damaged: `reading it took more than ${PATIENCE_SECONDS} seconds` }),
        PATIENCE_SECONDS * 1000,
      );
      stop = () => reject(signal.reason);
      signal.addEventListener("abort", stop, { once: true });
    });
  } finally {
    clearTimeout(patience);
    if (stop) signal.removeEventListener("abort", stop);
    // The thread ends by itself after its answer. If the signal is aborted, it is terminated, which is harmless because
    // HDF5 runs as WebAssembly there.
    await (signal.aborted ? thread.terminate() : letEnd(thread, ended));
  }
}
