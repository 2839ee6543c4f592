/** The files in a folder and its subfolders that a command can use, with a warning of all others. */
import { extname, join } from "node:path";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { counted } from "../util/numbers.ts";
import { walkFolder } from "./walk.ts";

/** What a command looks for in a folder. */
export interface WantedFiles {
  /** Whether a file's name is that of a file that the command can use. */
  isWanted(name: string): boolean;
  /** What they are, in the plural: "slides". */
  readonly kind: string;
  /** How their names end, for the error: ".svs, .tif". */
  readonly endings: string;
}

export interface FoundFiles {
  /** Paths that begin with the folder's, in the order of their names. */
  readonly files: readonly string[];
  /** How many files would be wanted, but cannot be used: each was warned of. */
  readonly leftOut: number;
}

/**
 * One warning counts what is passed over: hidden files (such as `._a.svs`, which macOS writes beside `a.svs`) and files of other
 * kinds. Files that would be wanted but are links out of the folder, or have names that are not UTF-8, are warned of one by one.
 * @throws UserError if a folder cannot be listed or has no such file; the signal's reason if it is aborted.
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
  if (passedOver !== "") reporter.warn(`Passed over in ${folder}: ${passedOver}.`);
  return { files: files.map((file) => join(folder, file)).sort(), leftOut: lost.length };
}

const count = ({ length }: readonly unknown[]): string => counted(length, "file");

const MOST_ENDINGS = 5;

function endingsOf(paths: readonly string[]): string {
  const endings = [...new Set(paths.map((path) => extname(path).toLowerCase() || "no ending"))].sort();
  const more = endings.length - MOST_ENDINGS;
  return [...endings.slice(0, MOST_ENDINGS), ...(more > 0 ? [`${more} more endings`] : [])].join(", ");
}
