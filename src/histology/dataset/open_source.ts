/** Opens a folder or a zip archive as a source of patches. */
import { kindOf } from "../../system/files.ts";
import { openZip, type ZipUse } from "../../system/zip.ts";
import { UserError } from "../../util/errors.ts";
import { openFolder } from "./folder.ts";
import { isHidden, type PatchSource } from "./source.ts";

const PATCHES: ZipUse = {
  expected: "a zip archive or a folder with the patches",
  instead: "unpack it and give the folder",
  skip: (path) => path.split("/").some(isHidden),
};

/**
 * @throws UserError if the path does not exist, is an unreadable folder, or is a file other than an intact zip archive;
 * the signal's reason if it is aborted.
 */
export async function openSource(path: string, signal?: AbortSignal): Promise<PatchSource> {
  const kind = await kindOf(path);
  if (kind === "nothing") {
    throw new UserError(
      "source-missing",
      `The source ${path} does not exist: give the folder or the zip archive with the patches.`,
    );
  }
  if (kind === "folder") return openFolder(path, signal);
  const archive = await openZip(path, PATCHES, signal);
  return { ...archive, leftOut: archive.leftOut.map((one) => ({ ...one, files: 1 })) };
}
