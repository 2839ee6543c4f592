/** The sound archive that hostile ones are made from, and an archive as an input of prepare. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { jsonOf } from "../support/folder.ts";
import { END, header, packedRows, pngFile } from "../support/png.ts";
import { type Archive, type Entry, zipFile } from "../support/zip.ts";
import { noise } from "./chunks.ts";
import type { Expectation, HostileInput } from "./judge.ts";

const CASES = 4;
const PATCHES_PER_CASE = 3;
export const PATCHES = CASES * PATCHES_PER_CASE;

/** Small pictures, all different. */
export const PICTURES = Array.from({ length: PATCHES + 4 }, (_, i) => {
  const [width, height] = [8 + i, 6];
  const idat = { type: "IDAT", data: packedRows(noise(width, height), 3 * width) };
  return pngFile([header(width, height, 8, 2, 0, 0, 0), idat, END]);
});

export const pathOf = (caseId: number, i: number): string =>
  `${caseId}/${i % 2}/${caseId}_idx5_x${50 * i + 1}_y1_class${i % 2}.png`;

/** A sound cohort. */
export const COHORT: readonly Entry[] = Array.from({ length: PATCHES }, (_, i) => ({
  name: pathOf(100 + Math.floor(i / PATCHES_PER_CASE), i % PATCHES_PER_CASE),
  bytes: PICTURES[i]!,
  deflate: i % 2 === 0,
}));
export const NEW = PICTURES[PATCHES]!;
export const NEW_PATH = pathOf(100, 7);

interface More {
  readonly sample?: boolean;
  /** The number of patches that the dataset must have. */
  readonly patches?: number;
  readonly sentence?: RegExp;
  readonly flags?: readonly string[];
  readonly file?: string;
}

export function archiveInput(name: string, expect: Expectation, make: () => Buffer, more: More = {}): HostileInput {
  const { sample = false, patches, sentence, flags = [], file = "archive.zip" } = more;
  return {
    name,
    expect,
    sample,
    ...(sentence ? { sentence } : {}),
    files: () => ({ [file]: make() }),
    args: ({ at, out }) => [
      "prepare",
      at(file),
      "--out",
      join(out, "dataset"),
      ...flags.map((flag) => flag.replace("OUT", out)),
    ],
    check(_, { out }) {
      const { counts } = jsonOf(join(out, "dataset", "dataset.json"));
      const found = counts.train.patches + counts.val.patches + counts.test.patches;
      if (patches !== undefined) assert.equal(found, patches, "patches in the dataset");
      else assert.ok(found <= PATCHES + 1, `${found} patches`);
      if (flags.includes("--folders")) assertCopied(join(out, "folders"), found);
    },
  };
}

/** The tutorial's tree holds every patch, and no two files that are one for Windows or macOS. */
function assertCopied(folder: string, patches: number): void {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const keys = files.map(({ parentPath, name }) => join(parentPath, name).normalize("NFC").toLowerCase());
  assert.equal(new Set(keys).size, patches, "files in the tutorial's tree");
}

/** The cohort and one more entry. */
export const withEntry = (entry: Partial<Entry>, archive?: Archive) => () =>
  zipFile([...COHORT, { name: NEW_PATH, bytes: NEW, ...entry }], archive);
export const asWhole = (archive: Archive) => () => zipFile(COHORT, archive);
