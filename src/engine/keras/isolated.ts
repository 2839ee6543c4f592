/** Reads a Keras file in a thread of its own, in bounded time and memory, so that no damaged file harms this one. */
import { Worker } from "node:worker_threads";
import { endOf, letEnd, scriptBeside } from "../../system/threads.ts";
import { messageOf } from "../../util/errors.ts";
import type { KerasAnswer, KerasWork } from "./worker.ts";

/** A sound file takes a second. */
const PATIENCE_SECONDS = 20;
const MOST_MEGABYTES = 512;

/**
 * What came of reading the file.
 * @throws the signal's reason if it is aborted.
 */
export async function readKerasIsolated(work: KerasWork, signal: AbortSignal): Promise<KerasAnswer> {
  signal.throwIfAborted();
  const script = scriptBeside(import.meta.url, "worker");
  const thread = new Worker(script, {
    workerData: work,
    // What this process was started with, such as a profiler, is not for that thread.
    execArgv: [],
    // HDF5 complains there, too.
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
      thread.once("exit", () => resolve({ damaged: "it ended the thread that read it" }));
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
    // It ends by itself once it has answered; asked to stop it is cut off, which harms nobody, as HDF5 is WebAssembly there.
    await (signal.aborted ? thread.terminate() : letEnd(thread, ended));
  }
}
