/**
 * Locks a run folder for one process. The operating system holds the lock and releases it when the process ends, even
 * after a crash.
 */
import { lstatSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { messageOf, UserError } from "../util/errors.ts";

/** SQLite's error code for a database that another process has locked. */
const SQLITE_BUSY = 5;

/**
 * Runs the work while no other process can lock the same folder. SQLite locks a file that stays empty: SQLite uses the
 * right kind of lock on Linux, macOS and Windows, and a dead process cannot leave a lock behind. The file is never
 * removed: a process that has just opened it would then lock a deleted file, which no other process sees.
 * @throws UserError if another process holds the lock, or the file cannot be created.
 */
export async function withRunLock<T>(folder: string, file: string, work: () => Promise<T>): Promise<T> {
  const lock = takeLock(folder, file);
  try {
    return await work();
  } finally {
    lock.close();
  }
}

/** A lock that is held until it is closed, or until the process ends. */
export interface HeldLock {
  close(): void;
}

/** Whether another process holds the lock. Takes and releases the lock if nobody holds it. */
export function isLocked(folder: string, file: string): boolean {
  try {
    takeLock(folder, file).close();
    return false;
  } catch (error) {
    if (error instanceof UserError && error.code === "folder-busy") return true;
    throw error;
  }
}

/**
 * Takes the lock.
 * @param waitMilliseconds how long to wait while another process holds it
 * @throws UserError as `withRunLock`, and if the file is not empty: SQLite would read it.
 */
export function takeLock(folder: string, file: string, waitMilliseconds = 0): HeldLock {
  const path = join(folder, file);
  requireEmptyFile(path);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: waitMilliseconds });
    database.exec("BEGIN EXCLUSIVE");
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY) {
      throw new UserError(
        "folder-busy",
        `Another process is at work in ${folder}: wait until it ends, or stop it first.`,
      );
    }
    throw new UserError(
      "folder-not-locked",
      `Cannot take the lock ${path} (${messageOf(error)}): check the free space and the permissions of its folder.`,
    );
  }
}

/** A folder of somebody else may hold another file under this name. */
function requireEmptyFile(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || (found.isFile() && found.size === 0)) return;
  throw new UserError("folder-not-locked", `Cannot take the lock ${path}: it is not an empty file; remove it.`);
}
