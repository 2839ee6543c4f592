/** Locates the scripts of our worker threads and processes, and ends threads safely. */
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Worker } from "node:worker_threads";
import { UserError } from "../util/errors.ts";

/** How long to wait for a thread to end, after a request to stop or a failure. */
export const ENDING_MILLISECONDS = 1000;

/**
 * The script of that name (without extension) in the module's folder. Its extension is that of the module: .ts in the
 * source, .js in a build.
 * @throws UserError if the script does not exist.
 */
export function scriptBeside(moduleUrl: string, name: string): URL {
  const script = new URL(`./${name}${moduleUrl.endsWith(".ts") ? ".ts" : ".js"}`, moduleUrl);
  if (existsSync(script)) return script;
  throw new UserError(
    "installation-damaged",
    `The script ${fileURLToPath(script)} of cancernet is missing: install cancernet again, and keep it out of bundles (external).`,
  );
}

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
