/** A folder of patches as a source: the whole tree below it, links included. */
import type { Dirent } from "node:fs";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../util/errors.ts";
import { fileError } from "../../util/files.ts";
import { isHidden, MAX_FILE_BYTES, type PatchSource, TOO_LARGE } from "./source.ts";

/** @throws UserError where a folder of the tree cannot be read. */
export async function openFolder(root: string): Promise<PatchSource> {
  const paths: string[] = [];
  await walk({ folder: root, prefix: "", ancestors: [await realpath(root)] }, paths);
  return {
    place: root,
    paths,
    read: (path) => readPatch(join(root, path), path),
    async close() {},
  };
}

async function readPatch(file: string, path: string): Promise<Uint8Array> {
  try {
    if ((await stat(file)).size > MAX_FILE_BYTES) throw new UserError(`Cannot read ${path}: ${TOO_LARGE}.`);
    return await readFile(file);
  } catch (error) {
    throw fileError(error, `cannot read ${path}`, "check the file");
  }
}

/** A folder on the way down: its path, its path below the root (ending in "/"), and the real paths from the root to it. */
interface Visit {
  folder: string;
  prefix: string;
  ancestors: readonly string[];
}

async function walk({ folder, prefix, ancestors }: Visit, paths: string[]): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw fileError(error, `cannot list the folder ${folder}`, "check its permissions");
  });
  for (const entry of entries) {
    if (isHidden(entry.name)) continue;
    const path = join(folder, entry.name);
    const kind = await kindOfEntry(entry, path);
    if (kind === "file") paths.push(prefix + entry.name);
    if (kind !== "folder") continue;
    const real = entry.isSymbolicLink() ? await realpath(path) : join(ancestors.at(-1)!, entry.name);
    if (ancestors.includes(real)) continue; // A link back up: everything below is already on the list.
    await walk({ folder: path, prefix: `${prefix}${entry.name}/`, ancestors: [...ancestors, real] }, paths);
  }
}

/** What an entry is, links followed. A broken link counts as a file, so that it is listed as one that cannot be read. */
async function kindOfEntry(entry: Dirent, path: string): Promise<"file" | "folder" | "other"> {
  if (entry.isDirectory()) return "folder";
  if (entry.isFile()) return "file";
  if (!entry.isSymbolicLink()) return "other";
  try {
    const target = await stat(path);
    return target.isDirectory() ? "folder" : target.isFile() ? "file" : "other";
  } catch {
    return "file";
  }
}
