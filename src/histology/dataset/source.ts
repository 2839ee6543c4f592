/** What a source of patches is, whether a folder or an archive; opening one is left to open_source.ts. */
import type { Rejection } from "./rejection.ts";

/** Files by their path below the root, with "/" between the names. */
export interface PatchSource {
  /** The folder or archive, for messages. */
  readonly place: string;
  /** The paths of all files that are not hidden, in no particular order; an archive may hold one twice. */
  readonly paths: readonly string[];
  /** What is not among them though it is not hidden: links that are not followed, and names that are not UTF-8. */
  readonly leftOut: readonly Rejection[];
  /**
   * The bytes of one file (of the first one, if an archive holds the path twice). May be called many times at once.
   * @throws UserError if the file cannot be read or is damaged.
   */
  read(path: string): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** A patch file is some kilobytes; a larger file than this is refused rather than read into memory. */
export const MAX_FILE_BYTES = 8 * 1024 * 1024;

/** Why a larger file is not read. */
export const TOO_LARGE = `it is too large for a patch, which has at most ${MAX_FILE_BYTES / 1024 / 1024} MB`;

/** A file or folder that systems add without being asked: its name starts with a dot, or it is macOS's `__MACOSX`. */
export function isHidden(name: string): boolean {
  return name.startsWith(".") || name === "__MACOSX";
}
