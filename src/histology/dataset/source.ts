/** Where patches come from: a folder or a zip archive, told apart here and alike for everyone else. */
import { UserError } from "../../util/errors.ts";
import { kindOf } from "../../util/files.ts";
import { openFolder } from "./folder.ts";
import { openZip } from "./zip.ts";

/** Files by their path below the root, with "/" between the names. */
export interface PatchSource {
  /** The folder or archive, for messages. */
  readonly place: string;
  /** The paths of all files that are not hidden, in no particular order; an archive may hold one twice. */
  readonly paths: readonly string[];
  /**
   * The bytes of one file (of the first one, where an archive holds the path twice). May be called many times at once.
   * @throws UserError where the file cannot be read or is damaged.
   */
  read(path: string): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** @throws UserError where the path is nothing, an unreadable folder, or a file that is not a sound zip archive. */
export async function openSource(path: string): Promise<PatchSource> {
  const kind = await kindOf(path);
  if (kind === "nothing") {
    throw new UserError(`The source ${path} does not exist: give the folder or the zip archive with the patches.`);
  }
  return kind === "folder" ? openFolder(path) : openZip(path);
}
