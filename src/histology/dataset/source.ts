/** The interface of a source of patches, either a folder or an archive. open_source.ts opens one. */
import type { Rejection } from "./rejection.ts";

/** Files identified by their paths relative to the root, with "/" as the separator. */
export interface PatchSource {
  /** The path of the folder or archive, for messages. */
  readonly place: string;
  /** The paths of all files that are not hidden, in no particular order. An archive may contain a path twice. */
  readonly paths: readonly string[];
  /**
   * Files missing from `paths` although they are not hidden: links that are not followed, and names that are not UTF-8.
   */
  readonly leftOut: readonly Rejection[];
  /**
   * Returns the bytes of a file (of the first one, if an archive contains the path twice). Calls may run in parallel.
   * @throws UserError if the file cannot be read or is damaged.
   */
  read(path: string): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** A patch file has a few kilobytes. Larger files than this are refused instead of being read into memory. */
export const MAX_FILE_BYTES = 8 * 1024 * 1024;

/** The reason for refusing larger files, for messages. */
export const TOO_LARGE = `it is too large for a patch, which has at most ${MAX_FILE_BYTES / 1024 / 1024} MB`;

/** A file or folder that the operating system adds: its name starts with a dot, or it is macOS's `__MACOSX`. */
export function isHidden(name: string): boolean {
  return name.startsWith(".") || name === "__MACOSX";
}
