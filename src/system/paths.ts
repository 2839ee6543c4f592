/** Paths in files that travel: from folder to folder so that they still lead there, and in reports without a word of the machine. */
import { homedir } from "node:os";
import { basename, isAbsolute, join, relative, resolve, sep } from "node:path";

/** The way from a folder to a file or folder, with "/" on every system; the absolute path if no way leads (another drive). */
export function pathFrom(folder: string, path: string): string {
  return relative(resolve(folder), resolve(path)).split(sep).join("/") || ".";
}

/** Where a path that was written by `pathFrom` leads, from where the folder now lies; an absolute one leads where it says. */
export function resolveFrom(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}

/**
 * A path as a report may show it: as it was given, or only its last part if it is absolute, climbs to the root, or names the home
 * folder of the user. So a report that is sent to others says nothing of the machine.
 * @param from the folder that a relative path starts in
 */
export function shownPath(path: string, from = "."): string {
  const parts = path.split(/[\\/]/);
  const depth = resolve(from).split(sep).filter(Boolean).length;
  const climbs = parts.filter((part) => part === "..").length >= depth && parts.includes("..");
  const hides = isAbsolute(path) || climbs || parts.slice(0, -1).includes(basename(homedir()));
  return hides ? basename(resolve(from, path)) : path;
}
