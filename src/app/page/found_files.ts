/** Files from everything that a person may choose, drop or paste; folders with all that lies in them. */
import { isImageName } from "../../histology/image/extensions.ts";
import { isSlideName } from "./is_slide.ts";

/** A file, and its name or its path from the chosen folder. */
export interface Found {
  readonly name: string;
  readonly file: File;
}

export interface ChosenFiles {
  /** Files in the order of choice; those of a folder by name. */
  readonly files: readonly Found[];
  /** The number of files in folders that are hidden, or are not named as images. */
  readonly leftOut: number;
}

/** Files of an input element, of the clipboard, or of an input element for a folder. */
export function filesOf(list: Iterable<File>): ChosenFiles {
  const all = Array.from(list, (file) => ({ name: file.webkitRelativePath || file.name, file }));
  return wantedOf(
    all.filter(({ file }) => file.webkitRelativePath === ""),
    all.filter(({ file }) => file.webkitRelativePath !== ""),
  );
}

/** Dropped files and folders. The browser shows the items only during the event, so the call must not be delayed. */
export function droppedFiles({ items }: DataTransfer): Promise<ChosenFiles> {
  const files = Array.from(items).filter(({ kind }) => kind === "file");
  return foundIn(files.map((item) => item.webkitGetAsEntry() ?? item.getAsFile()));
}

async function foundIn(dropped: readonly (FileSystemEntry | File | null)[]): Promise<ChosenFiles> {
  const [single, inFolders]: [Found[], Found[]] = [[], []];
  for (const one of dropped) {
    if (one === null) continue;
    if (one instanceof File) single.push({ name: one.name, file: one });
    else if (isFile(one)) single.push(await foundOf(one));
    else if (isFolder(one)) inFolders.push(...(await filesBelow(one)));
  }
  return wantedOf(single, inFolders);
}

/** Of a folder's files only those are meant that are named as images or slides, as the command line does. */
function wantedOf(single: readonly Found[], inFolders: readonly Found[]): ChosenFiles {
  const wanted = inFolders.filter(
    ({ name }) => (isImageName(name) || isSlideName(name)) && !name.split("/").some(isHidden),
  );
  wanted.sort((one, other) => (one.name < other.name ? -1 : 1));
  return { files: [...single, ...wanted], leftOut: inFolders.length - wanted.length };
}

const isHidden = (part: string) => part.startsWith(".");
const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

async function filesBelow(folder: FileSystemDirectoryEntry): Promise<Found[]> {
  const reader = folder.createReader();
  const found: Found[] = [];
  // A reader gives a part of the entries at a time, and an empty part at the end.
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return found;
    for (const entry of part) {
      if (isFile(entry)) found.push(await foundOf(entry));
      else if (isFolder(entry)) found.push(...(await filesBelow(entry)));
    }
  }
}

async function foundOf(entry: FileSystemFileEntry): Promise<Found> {
  const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
  return { name: entry.fullPath.replace(/^\//, ""), file };
}
