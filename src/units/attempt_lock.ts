/**
 * The locks of attempts. A process holds the lock of its attempt while it works, so that another process takes over
 * only what an ended process has left. The lock's file lies beside the attempt's folder, which is renamed at the end.
 */

import { basename, dirname } from "node:path";
import { kindOf } from "../system/files.ts";
import { type HeldLock, takeLock } from "../system/folder_lock.ts";

const lockOf = (place: string): [folder: string, file: string] => [dirname(place), `${basename(place)}.lock`];

/** Takes the lock of this process's own attempt. @throws UserError if the file system cannot lock. */
export const lockAttempt = (place: string): HeldLock => takeLock(...lockOf(place));

/**
 * Calls `take` with the folder of each interrupted attempt in turn, until it returns true. Attempts whose process may
 * still run are passed over.
 * @param earlier the folders of attempts
 * @returns whether `take` has returned true
 */
export async function takeOver(
  earlier: readonly string[],
  take: (place: string) => Promise<boolean>,
): Promise<boolean> {
  for (const place of earlier) {
    const lock = await lockEnded(place);
    if (lock === undefined) continue;
    try {
      if (await take(place)) return true;
    } finally {
      lock.close();
    }
  }
  return false;
}

/** The lock of an attempt that has ended; undefined if that is not certain. */
async function lockEnded(place: string): Promise<HeldLock | undefined> {
  if ((await kindOf(`${place}.lock`)) !== "file") return undefined;
  try {
    return lockAttempt(place);
  } catch {
    return undefined;
  }
}
