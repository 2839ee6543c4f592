/** One process at a time in a run folder: a lock that the operating system holds, and lets go when the process ends, however it ends. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { messageOf, UserError } from "../util/errors.ts";

/** SQLite's code for a database that somebody else has locked. */
const SQLITE_BUSY = 5;

/**
 * Does the work while no other process can take the same folder. SQLite takes the lock, on a file that stays empty: it knows
 * the right way on Linux, macOS and Windows, and a lock left by a dead process cannot be. The file is never removed, since
 * a process that had just opened it would then hold the lock of a file that nobody else sees.
 * @throws UserError if another process has the folder, or the file cannot be made.
 */
export async function withRunLock<T>(folder: string, file: string, work: () => Promise<T>): Promise<T> {
  const lock = takeLock(folder, join(folder, file));
  try {
    return await work();
  } finally {
    lock.close();
  }
}

function takeLock(folder: string, path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
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
