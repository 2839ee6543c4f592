/** Small cohorts of random patches in the Kaggle layout, temporary folders, and preparing without a terminal. */

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { type PrepareOptions, prepareOptions } from "../../../src/options/prepare.ts";
import { prepareLines } from "../../../src/reports/dataset/text.ts";
import { RandomStream } from "../../../src/system/random.ts";
import { silent } from "../../../src/util/reporter.ts";
import { type PrepareResult, prepare } from "../../../src/workflows/prepare.ts";
import { rgbPng } from "./png.ts";

export type Files = Map<string, Buffer>;

/** `patches` patches in each of `cases` cases, case 900, 901, ...; every third has IDC. */
export function cohort(cases: number, patches: number): Files {
  const files: Files = new Map();
  for (let one = 0; one < cases; one++) {
    for (let i = 0; i < patches; i++) {
      const path = kagglePath(String(900 + one), i, i % 3 === 0 ? 1 : 0);
      files.set(path, randomPng(path));
    }
  }
  return files;
}

/** The path of patch `i` of a case, ten patches per row. */
export function kagglePath(caseId: string, i: number, label: 0 | 1): string {
  const [x, y] = [(i % 10) * 50 + 1, Math.floor(i / 10) * 50 + 1];
  return `${caseId}/${label}/${caseId}_idx5_x${x}_y${y}_class${label}.png`;
}

/** A picture of noise that is the purpose's own. */
export function randomPng(purpose: string, width = 50, height = 50): Buffer {
  const noise = new RandomStream(1, purpose).bytes(width * height * 3);
  return rgbPng(width, height, (index) => noise[index]!);
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

export interface Prepared extends PrepareResult {
  lines: string[];
  warnings: string[];
}

/** Prepares with the options' defaults, and keeps what was said. */
export async function prepareQuietly(
  options: Partial<PrepareOptions> & { source: string; out: string },
  signal: AbortSignal = new AbortController().signal,
): Promise<Prepared> {
  const warnings: string[] = [];
  const reporter = { ...silent, warn: (s: string) => warnings.push(s) };
  const result = await prepare(prepareOptions.parse(options), { reporter, signal });
  return { ...result, lines: prepareLines(result), warnings };
}
