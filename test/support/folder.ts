/** Temporary folders, and trees of files in them. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, type TestContext } from "node:test";

export type Files = Map<string, Buffer>;
/** The path of these names below a folder; the folder's own without any. */
export type At = (...names: string[]) => string;

/** A folder that the tests of a file share, with a space in its name; it goes when all have ended. */
export function useFolder(name: string): At {
  const folder = mkdtempSync(join(tmpdir(), `cancernet ${name} `));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return (...names) => join(folder, ...names);
}

/** A temporary folder that goes when the test ends. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "cancernet-test-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes the files below a folder; gives the folder. */
export async function writeTree(folder: string, files: Iterable<readonly [string, Uint8Array]>): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  return folder;
}

/** All files below a folder by path, hidden ones too. */
export async function readTree(folder: string): Promise<Files> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files: Files = new Map();
  for (const path of paths.sort()) files.set(path.slice(folder.length + 1), await readFile(path));
  return files;
}

/** The folder holds the expected files with the same bytes, hidden ones too. Those in `apart` may differ or be absent. */
export async function assertSameTree(folder: string, expected: Files, apart: readonly string[]): Promise<void> {
  const found = await readTree(folder);
  const names = (tree: Files) => [...tree.keys()].filter((name) => !apart.includes(name)).sort();
  assert.deepEqual(names(found), names(expected));
  for (const name of names(found)) assert.ok(found.get(name)!.equals(expected.get(name)!), `${name} differs`);
}

/** The SHA-256 of every file below a folder by path, also of files that are too many for memory. */
export async function hashTree(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const hashes = new Map<string, string>();
  for (const path of paths.sort()) {
    const hash = createHash("sha256").update(await readFile(path));
    hashes.set(path.slice(folder.length + 1), hash.digest("hex"));
  }
  return hashes;
}

/** What a JSON file holds. */
export const jsonOf = (path: string | URL) => JSON.parse(readFileSync(path, "utf8"));
