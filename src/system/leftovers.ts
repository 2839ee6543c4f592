/**
 * Names temporary files and folders after the process that owns them, so that those of killed processes can be removed.
 */
import { createHash, randomBytes } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { codeOf } from "../util/errors.ts";
import { statFields } from "./process_stat.ts";

/**
 * ".<name>.<process id>-<process start>-<machine>-<random>.<kind>"; the start is 0 if the system does not report it.
 */
const NAME = /^\..*\.(?<pid>\d+)-(?<start>\d+)-(?<host>[0-9a-f]{8})-[0-9a-f]{8}\.(?:tmp|partial)$/s;
/** The name is cut to this length, so that the file system accepts the result. */
const NAME_LENGTH = 60;

const HOST = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);

/**
 * A hidden, unique name, owned by this process, for a file ("tmp") or folder ("partial") that will be renamed to
 * `name`.
 */
export function temporaryName(name: string, kind: "tmp" | "partial"): string {
  const owner = `${process.pid}-${stateOf(process.pid)?.start ?? 0}-${HOST}`;
  return `.${name.slice(0, NAME_LENGTH)}.${owner}-${randomBytes(4).toString("hex")}.${kind}`;
}

/** Whether a name is that of a temporary file or folder. */
export const isTemporaryName = (name: string): boolean => NAME.test(name);

/**
 * Removes the temporary files and folders of ended processes from a folder. Warns about those of other machines, whose
 * processes may still run, and about those that cannot be removed. Ignores a folder that cannot be listed.
 */
export async function removeLeftovers(folder: string, warn: (line: string) => void): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const owner = NAME.exec(name)?.groups;
    if (!owner) continue;
    const path = join(folder, name);
    if (owner.host !== HOST) {
      warn(`${path} was left by a cancernet on another machine: remove it, unless one is at work there.`);
    } else if (!isAlive(Number(owner.pid), owner.start!)) {
      await rm(path, { recursive: true, force: true }).catch(() =>
        warn(`${path} was left by a cancernet that was killed, and cannot be removed: remove it.`),
      );
    }
  }
}

/** Whether a temporary name belongs to a process of this machine that has ended. */
export function ownerHasEnded(name: string): boolean {
  const owner = NAME.exec(name)?.groups;
  return owner !== undefined && owner.host === HOST && !isAlive(Number(owner.pid), owner.start!);
}

/** Removes all temporary files and folders from a folder. No other process may be writing there. */
export async function removeAllLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (NAME.test(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** Whether a process of this machine still runs. A new process may have the same id, but then its start differs. */
function isAlive(pid: number, start: string): boolean {
  const state = stateOf(pid);
  if (state) return !state.ended && (start === "0" || state.start === start);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM"; // It runs, but belongs to another user.
  }
}

/**
 * A process's start time, and whether it has ended but is still listed (a zombie), from Linux's proc(5); undefined
 * elsewhere.
 */
function stateOf(pid: number): { readonly start: string; readonly ended: boolean } | undefined {
  const fields = statFields(`/proc/${pid}`);
  // The third field of proc(5) is the state, the 22nd the start.
  return fields && { start: fields[19]!, ended: /^[ZX]/.test(fields[0]!) };
}
