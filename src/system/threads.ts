/** Ends worker threads safely. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Worker } from "node:worker_threads";

/** How long to wait for a thread to end, after a request to stop or a failure. */
export const ENDING_MILLISECONDS = 1000;

/** Resolves once a thread has ended in any way. Call it before the thread can end. */
export function endOf(thread: Worker): Promise<void> {
  return new Promise((resolve) => thread.once("exit", () => resolve()));
}

/**
 * Waits for a thread to end, and terminates it if it does not. Terminating a thread inside native code could crash the
 * process.
 */
export async function letEnd(thread: Worker, ended: Promise<void>): Promise<void> {
  const isOver = await Promise.race([ended.then(() => true), sleep(ENDING_MILLISECONDS, false, { ref: false })]);
  if (!isOver) await thread.terminate();
}
