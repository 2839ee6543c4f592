/** Reads a Keras file in a thread of its own, in bounded time and memory, so that no damaged file harms this one. */
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { messageOf } from "../../util/errors.ts";
import type { KerasAnswer, KerasWork } from "./worker.ts";

/** A sound file takes a second. */
const PATIENCE_SECONDS = 20;
const MOST_MEGABYTES = 512;
/** How long a thread that has answered may take to end. */
const ENDING_MILLISECONDS = 1000;

/**
 * What came of reading the file.
 * @throws the signal's reason where it is aborted.
 */
export async function readKerasIsolated(work: KerasWork, signal: AbortSignal): Promise<KerasAnswer> {
  signal.throwIfAborted();
  const script = new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url);
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
  const ended = new Promise<true>((resolve) => thread.once("exit", () => resolve(true)));
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
    // It ends by itself once it has answered: to be cut off while it does so might take the process with it.
    const isOver = await Promise.race([ended, sleep(ENDING_MILLISECONDS, undefined, { ref: false })]);
    if (!isOver) await thread.terminate();
  }
}
