/** The interface of a source of patches, either a folder or an archive. open_source.ts opens one. */
import type { FilePlace } from "./file_place.ts";
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
  /** Where a file's bytes are (those of the first one, if an archive contains the path twice), for `readPlace`. */
  locate(path: string): FilePlace;
  close(): Promise<void>;
}

/** A file or folder that the operating system adds: its name starts with a dot, or it is macOS's `__MACOSX`. */
export function isHidden(name: string): boolean {
  return name.startsWith(".") || name === "__MACOSX";
}
