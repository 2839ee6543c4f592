/** Opens a folder of patches, with all its subfolders, as a source. */
import { join } from "node:path";
import { walkFolder } from "../../system/walk.ts";
import { isHidden, type PatchSource } from "./source.ts";

/** @throws UserError if a folder of the tree cannot be read; the signal's reason if it is aborted. */
export async function openFolder(root: string, signal?: AbortSignal): Promise<PatchSource> {
  const { files, leftOut } = await walkFolder(root, { deep: true, skip: isHidden, ...(signal ? { signal } : {}) });
  return {
    place: root,
    paths: files,
    leftOut: leftOut.map(({ path, kind, reason }) => ({ path, kind, reason, files: 1 })),
    locate: (path) => ({ file: join(root, path), path }),
    async close() {},
  };
}
