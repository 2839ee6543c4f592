/** Opens a folder of patches, with all its subfolders, as a source. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileError } from "../../system/files.ts";
import { walkFolder } from "../../system/walk.ts";
import { UserError } from "../../util/errors.ts";
import { isHidden, MAX_FILE_BYTES, type PatchSource, TOO_LARGE } from "./source.ts";

/** @throws UserError if a folder of the tree cannot be read; the signal's reason if it is aborted. */
export async function openFolder(root: string, signal?: AbortSignal): Promise<PatchSource> {
  const { files, leftOut } = await walkFolder(root, { deep: true, skip: isHidden, ...(signal ? { signal } : {}) });
  return {
    place: root,
    paths: files,
    leftOut: leftOut.map(({ path, kind, reason }) => ({ path, kind, reason, files: 1 })),
    read: (path) => readPatch(join(root, path), path),
    async close() {},
  };
}

async function readPatch(file: string, path: string): Promise<Uint8Array> {
  try {
    if ((await stat(file)).size > MAX_FILE_BYTES)
      throw new UserError("file-too-large", `Cannot read ${path}: ${TOO_LARGE}.`);
    return await readFile(file);
  } catch (error) {
    throw fileError(error, `cannot read ${path}`, "check the file");
  }
}
