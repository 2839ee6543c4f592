/** What threads and processes of our own need: the script to start, and an end that harms nobody. */
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Worker } from "node:worker_threads";
import { UserError } from "../util/errors.ts";

/** How long a thread that has to end, or has failed, may take to do so. */
export const ENDING_MILLISECONDS = 1000;

/**
 * The script of that name (without extension) beside a module, in TypeScript or as it was built: as the module is itself.
 * @throws UserError if there is none.
 */
export function scriptBeside(moduleUrl: string, name: string): URL {
  const script = new URL(`./${name}${moduleUrl.endsWith(".ts") ? ".ts" : ".js"}`, moduleUrl);
  if (existsSync(script)) return script;
  throw new UserError(
    "installation-damaged",
    `The script ${fileURLToPath(script)} of cancernet is missing: install cancernet again, and keep it out of bundles (external).`,
  );
}

/** Fulfilled once a thread has ended, however it did; to be asked for before it can. */
export function endOf(thread: Worker): Promise<void> {
  return new Promise((resolve) => thread.once("exit", () => resolve()));
}

/** Waits for a thread to end by itself, and cuts it off if it does not: within native code that might take the process with it. */
export async function letEnd(thread: Worker, ended: Promise<void>): Promise<void> {
  const isOver = await Promise.race([ended.then(() => true), sleep(ENDING_MILLISECONDS, false, { ref: false })]);
  if (!isOver) await thread.terminate();
}
