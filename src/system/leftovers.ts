/** Names of temporary files and folders, which say whose they are, so that what a killed process has left can be removed. */
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { codeOf } from "../util/errors.ts";

/** ".<name>.<process>-<its start>-<machine>-<random>.<kind>"; the start is 0 if the system does not say it. */
const NAME = /^\..*\.(?<pid>\d+)-(?<start>\d+)-(?<host>[0-9a-f]{8})-[0-9a-f]{8}\.(?:tmp|partial)$/s;
/** Of the name that is being written, so much that no file system finds it too long. */
const NAME_LENGTH = 60;

const HOST = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);

/** A hidden name, of this process and used once, for a file ("tmp") or folder ("partial") that will be called `name`. */
export function temporaryName(name: string, kind: "tmp" | "partial"): string {
  const owner = `${process.pid}-${stateOf(process.pid)?.start ?? 0}-${HOST}`;
  return `.${name.slice(0, NAME_LENGTH)}.${owner}-${randomBytes(4).toString("hex")}.${kind}`;
}

/**
 * Removes from a folder the temporary files and folders of processes that have ended. One of another machine, which cannot be
 * known to have ended, is named in a warning, as is one that cannot be removed; a folder that cannot be listed is left alone.
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

/** Removes all temporary files and folders from a folder in which no other process can be writing. */
export async function removeAllLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (NAME.test(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** Whether a process of this machine still runs; another one that has got its number started at another time. */
function isAlive(pid: number, start: string): boolean {
  const state = stateOf(pid);
  if (state) return !state.ended && (start === "0" || state.start === start);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM"; // It runs, and belongs to somebody else.
  }
}

/** What Linux says of a process (proc(5)): when it started, and whether it only waits to be buried. */
function stateOf(pid: number): { readonly start: string; readonly ended: boolean } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field, the program's name in brackets, may hold anything; the third is the state, the 22nd the start.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { start: fields[19]!, ended: /^[ZX]/.test(fields[0]!) };
  } catch {
    return undefined;
  }
}
