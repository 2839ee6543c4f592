/**
 * Locks a run folder for one process. The operating system holds the lock and releases it when the process ends, even
 * after a crash.
 */
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
