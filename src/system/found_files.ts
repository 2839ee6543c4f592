/** Finds the files that a command can use in a folder and its subfolders, and warns about all others. */
import { extname, join } from "node:path";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { counted } from "../util/numbers.ts";
import { walkFolder } from "./walk.ts";

/** The files that a command looks for. */
export interface WantedFiles {
  /** Whether a file of this name can be used. */
  isWanted(name: string): boolean;
  /** The plural noun for the files: "slides". */
  readonly kind: string;
  /** The accepted file name extensions, for errors: ".svs, .tif". */
  readonly endings: string;
}

export interface FoundFiles {
  /** Paths that start with the folder's path, sorted by name. */
  readonly files: readonly string[];
  /** The number of matching files or folders that cannot be used. Each has its own warning. */
  readonly leftOut: number;
}

/**
 * Finds the matching files. A single warning counts hidden files (such as `._a.svs`, which macOS writes beside `a.svs`)
 * and files of other kinds. Matching files that cannot be used have one warning each: links out of the folder, and
 * names that are not UTF-8.
 * @throws UserError if a folder cannot be listed or contains no matching file; the signal's reason if it is aborted.
 */
export async function findFiles(
  folder: string,
  { isWanted, kind, endings }: WantedFiles,
  { reporter, signal }: Context,
): Promise<FoundFiles> {
  const hidden: string[] = [];
  const skip = (name: string): boolean => name.startsWith(".") && hidden.push(name) > 0;
  const walked = await walkFolder(folder, { deep: true, skip, signal });
  const lost = walked.leftOut.filter(({ isFolder, name }) => isFolder || isWanted(name));
  for (const { path, reason } of lost) reporter.warn(`${join(folder, path)} is left out: ${reason}.`);
  const files = walked.files.filter(isWanted);
  const others = walked.files.filter((file) => !isWanted(file));
  const parts = [
    ...(hidden.length > 0 ? [`${count(hidden)} hidden (such as ${hidden.sort()[0]})`] : []),
    ...(others.length > 0 ? [`${count(others)} not named as ${kind} are (${endingsOf(others)})`] : []),
  ];
  const passedOver = parts.join(", ");
  if (files.length === 0) {
    const found = passedOver === "" ? "" : `, only ${passedOver}`;
    throw new UserError(
      "folder-empty",
      `The folder ${folder} has no ${kind} (${endings})${found}: name a folder with some.`,
    );
  }
  if (passedOver !== "") reporter.warn(`Ignored in ${folder}: ${passedOver}.`);
  return { files: files.map((file) => join(folder, file)).sort(), leftOut: lost.length };
}

const count = ({ length }: readonly unknown[]): string => counted(length, "file");

const MOST_ENDINGS = 5;

function endingsOf(paths: readonly string[]): string {
  const endings = [...new Set(paths.map((path) => extname(path).toLowerCase() || "no ending"))].sort();
  const more = endings.length - MOST_ENDINGS;
  return [...endings.slice(0, MOST_ENDINGS), ...(more > 0 ? [`${more} more endings`] : [])].join(", ");
}
