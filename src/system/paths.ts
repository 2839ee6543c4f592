/**
 * Paths in files that are moved to other places or machines: relative paths that stay valid, and paths for reports that
 * reveal nothing about the machine.
 */
import { homedir } from "node:os";
import { basename, isAbsolute, join, relative, resolve, sep } from "node:path";

/**
 * The relative path from a folder to a file or folder, with "/" on every system; the absolute path if there is no
 * relative one (on another drive).
 */
export function pathFrom(folder: string, path: string): string {
  return relative(resolve(folder), resolve(path)).split(sep).join("/") || ".";
}

/** Resolves a path written by `pathFrom` against the folder's current place. An absolute path is unchanged. */
export function resolveFrom(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}

/**
 * A path for a report: as given, or only its last part if the path is absolute, climbs to the root, or contains the
 * name of the user's home folder. A report can then be sent to others without revealing anything about the machine.
 * @param from the folder that a relative path starts from
 */
export function shownPath(path: string, from = "."): string {
  const parts = path.split(/[\\/]/);
  const depth = resolve(from).split(sep).filter(Boolean).length;
  const climbs = parts.filter((part) => part === "..").length >= depth && parts.includes("..");
  const hides = isAbsolute(path) || climbs || parts.slice(0, -1).includes(basename(homedir()));
  return hides ? basename(resolve(from, path)) : path;
}
