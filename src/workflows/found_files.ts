/** The files in a folder and its subfolders that a command can use, and a sentence about those that it passes over. */
import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { extname, join, relative } from "node:path";
import { fileError } from "../util/files.ts";

export interface FoundFiles {
  /** Paths that begin with the folder's, in the order of their names. */
  readonly files: readonly string[];
  /** What was passed over, as a sentence; undefined if nothing was. */
  readonly passedOver: string | undefined;
}

/** Why a file is passed over; {@link sentenceOf} counts the files of each reason. */
type Reason = "hidden" | "of another kind" | "links to folders" | "broken links";

interface Walk {
  readonly isWanted: (name: string) => boolean;
  readonly files: string[];
  readonly passedOver: Map<Reason, string[]>;
}

/**
 * Hidden files (such as `._a.svs`, which macOS writes beside `a.svs`) and links to folders are passed over; links to files are
 * followed, as large slides are often linked into a folder.
 * @param isWanted whether a file's name is that of a file that the command can use
 * @param kind what is wanted, in the plural: "slides"
 * @throws UserError if a folder cannot be listed.
 */
export async function findFiles(
  folder: string,
  isWanted: (name: string) => boolean,
  kind: string,
): Promise<FoundFiles> {
  const walk: Walk = { isWanted, files: [], passedOver: new Map() };
  await walkFolder(walk, folder);
  return { files: walk.files.sort(), passedOver: sentenceOf(folder, walk.passedOver, kind) };
}

async function walkFolder(walk: Walk, folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw fileError(error, `cannot list the folder ${folder}`, "check its permissions");
  });
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const kind = await kindIn(walk, entry, path);
    if (kind === "folder") await walkFolder(walk, path);
    else if (kind === "file") walk.files.push(path);
    else walk.passedOver.set(kind, [...(walk.passedOver.get(kind) ?? []), path]);
  }
}

async function kindIn({ isWanted }: Walk, entry: Dirent, path: string): Promise<"folder" | "file" | Reason> {
  if (entry.name.startsWith(".")) return "hidden";
  if (entry.isDirectory()) return "folder";
  if (!entry.isSymbolicLink()) return entry.isFile() && isWanted(entry.name) ? "file" : "of another kind";
  const target = await stat(path).catch(() => undefined);
  if (!target) return "broken links";
  // They may lead in a circle.
  if (target.isDirectory()) return "links to folders";
  return target.isFile() && isWanted(entry.name) ? "file" : "of another kind";
}

const MOST_ENDINGS = 5;
const SINGULAR = { "links to folders": "a link to a folder", "broken links": "a broken link" } as const;

function sentenceOf(folder: string, passedOver: Walk["passedOver"], kind: string): string | undefined {
  const parts = [...passedOver].map(([reason, paths]) => {
    const files = paths.length === 1 ? "1 file" : `${paths.length.toLocaleString("en-US")} files`;
    if (reason === "of another kind") return `${files} not named as ${kind} are (${endingsOf(paths)})`;
    const label = reason === "hidden" ? "hidden" : paths.length === 1 ? SINGULAR[reason] : reason;
    return `${files}, ${label} (such as ${relative(folder, paths[0]!)})`;
  });
  return parts.length === 0 ? undefined : `Passed over in ${folder}: ${parts.join("; ")}.`;
}

function endingsOf(paths: readonly string[]): string {
  const endings = [...new Set(paths.map((path) => extname(path).toLowerCase() || "no ending"))].sort();
  const more = endings.length - MOST_ENDINGS;
  return [...endings.slice(0, MOST_ENDINGS), ...(more > 0 ? [`${more} more endings`] : [])].join(", ");
}
