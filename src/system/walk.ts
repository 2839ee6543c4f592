/**
 * Lists the files of a folder. It follows links that stay inside the folder, and reports what it leaves out with the
 * reason.
 */
import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { codeOf } from "../util/errors.ts";
import { nameOf, shownBytes } from "./file_names.ts";
import { fileError } from "./files.ts";

/** A file or folder that is left out. */
export interface LeftOut {
  /** The path relative to the root, with "/" separators. A name that is not UTF-8 is shown as its bytes. */
  readonly path: string;
  readonly kind: "link" | "name";
  /** A clause for messages: "it is a link that leads to nothing". */
  readonly reason: string;
  /** The name without the path. Bytes that are not UTF-8 are decoded as Latin-1. */
  readonly name: string;
  readonly isFolder: boolean;
}

export interface WalkResult {
  /** Paths relative to the root, with "/" separators, in no particular order. */
  readonly files: readonly string[];
  readonly leftOut: readonly LeftOut[];
}

export interface WalkOptions {
  /** Whether to list subfolders too. */
  readonly deep: boolean;
  /** Names to skip silently. */
  readonly skip?: (name: string) => boolean;
  readonly signal?: AbortSignal;
}

/**
 * Lists a folder. Links to files and folders inside it are followed. A link to a folder that contains the link is not
 * followed, nor is a link to a folder found through another such link, so that the walk ends.
 * @throws UserError if a folder cannot be listed; the signal's reason if it is aborted.
 */
export async function walkFolder(root: string, options: WalkOptions): Promise<WalkResult> {
  const walk = new Walk(await realpath(root), options);
  await walk.visit({ folder: root, real: walk.root, prefix: "", linked: false });
  return walk;
}

/** A folder that the walk visits. */
interface Visit {
  readonly folder: string;
  /** The folder's real path. */
  readonly real: string;
  /** The path relative to the root, with a trailing "/". */
  readonly prefix: string;
  /** Whether the folder was reached through a link. */
  readonly linked: boolean;
}

class Walk implements WalkResult {
  readonly files: string[] = [];
  readonly leftOut: LeftOut[] = [];
  readonly root: string;
  readonly #options: WalkOptions;

  constructor(root: string, options: WalkOptions) {
    this.root = root;
    this.#options = options;
  }

  async visit(here: Visit): Promise<void> {
    const { deep, skip, signal } = this.#options;
    signal?.throwIfAborted();
    const listed = readdir(here.folder, { withFileTypes: true, encoding: "buffer" });
    const entries = await listed.catch((error: unknown) => {
      throw fileError(error, `cannot list the folder ${here.folder}`, "check its permissions");
    });
    for (const entry of entries) {
      const name = nameOf(entry.name);
      if (skip?.(name ?? entry.name.toString("latin1"))) continue;
      if (name === undefined) this.#leaveOutName(here, entry);
      else if (entry.isSymbolicLink()) await this.#follow(here, name);
      else if (entry.isFile()) this.files.push(here.prefix + name);
      else if (entry.isDirectory() && deep) await this.visit(below(here, name));
    }
  }

  async #follow(here: Visit, name: string): Promise<void> {
    const leaveOut = (reason: string, isFolder: boolean) =>
      void this.leftOut.push({ path: here.prefix + name, kind: "link", reason, name, isFolder });
    const link = join(here.folder, name);
    const target = await realpath(link).catch((error: unknown) =>
      leaveOut(`it is a link that ${whyNot(error)}`, false),
    );
    if (target === undefined) return;
    const kind = await stat(target);
    if (!isIn(target, this.root)) return leaveOut("it is a link that leads out of the folder", kind.isDirectory());
    if (kind.isFile()) return void this.files.push(here.prefix + name);
    if (!kind.isDirectory() || !this.#options.deep) return;
    if (isIn(here.real, target)) return leaveOut("it is a link to a folder that it lies in", true);
    if (here.linked) return leaveOut("it is a link to a folder, found by way of another", true);
    await this.visit({ ...below(here, name), real: target, linked: true });
  }

  #leaveOutName({ prefix }: Visit, entry: Dirent<Buffer>): void {
    this.leftOut.push({
      path: prefix + shownBytes(entry.name),
      kind: "name",
      reason: "its name is not UTF-8: rename it",
      name: entry.name.toString("latin1"),
      isFolder: entry.isDirectory(),
    });
  }
}

function below({ folder, real, prefix, linked }: Visit, name: string): Visit {
  return { folder: join(folder, name), real: join(real, name), prefix: `${prefix}${name}/`, linked };
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function whyNot(error: unknown): string {
  const code = codeOf(error);
  if (code === "ENOENT" || code === "ENOTDIR") return "leads to nothing";
  return code === "ELOOP" ? "leads in a circle" : "cannot be followed";
}
