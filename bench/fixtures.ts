/**
 * The data for the epoch and prepare benchmarks: a few thousand patches as PNG files, as a zip archive and as a
 * prepared dataset.
 */
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readPlace } from "../src/histology/dataset/file_place.ts";
import { openSource } from "../src/histology/dataset/open_source.ts";
import { encodePng } from "../src/histology/image/decode.ts";
import { writeCohort } from "../src/histology/synthetic/cohort.ts";
import { prepareOptions } from "../src/options/prepare.ts";
import { silent } from "../src/util/reporter.ts";
import { zipOf } from "../test/support/zip.ts";

export interface Material {
  /** A description of the patches for the report's conditions. */
  readonly description: string;
  /** The folder of PNG files, in the layout of the Kaggle set. */
  readonly files: string;
  /** The same files in a zip archive, stored without compression. */
  readonly archive: string;
  /** The whole real archive; undefined without one. */
  readonly wholeArchive: string | undefined;
  /** The same files as a prepared dataset. */
  readonly dataset: string;
  /** A folder for results; removed together with the rest. */
  readonly results: string;
}

/** Enough for an epoch of some seconds on two cores. */
const PATCHES = 3000;
const ARCHIVE_NAME = "idc-subset.zip";
const SYNTHETIC = { seed: 42, cases: 12, patchesPerCase: PATCHES / 12 };

/** Creates a temporary folder for the data. */
export const makeFolder = () => mkdtemp(join(tmpdir(), "cancernet-bench-"));

/**
 * Fills a folder with the data: the first cases of the real archive in the folder `data` (IDC_DATA), or synthetic
 * tissue.
 * @throws UserError if the archive does not exist.
 */
export async function makeMaterial(folder: string, data: string | undefined): Promise<Material> {
  const [files, archive, dataset] = ["files", "patches.zip", "dataset"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  if (data === undefined) await writeCohort({ folder: files, ...SYNTHETIC, encodePng });
  else await copyPatches(join(data, ARCHIVE_NAME), files);
  const paths = (await readdir(files, { recursive: true })).filter((path) => path.endsWith(".png")).sort();
  const members = await Promise.all(paths.map(async (path) => [path, await readFile(join(files, path))] as const));
  await writeFile(archive, zipOf(members));
  await prepareInto(archive, dataset);
  const kind = data === undefined ? "synthetic" : `real patches of ${ARCHIVE_NAME}`;
  const cases = new Set(paths.map((path) => path.split("/")[0])).size;
  const count = paths.length.toLocaleString("en-US");
  return {
    description: `${count} patches of ${cases} cases (${kind})`,
    files,
    archive,
    wholeArchive: data === undefined ? undefined : join(data, ARCHIVE_NAME),
    dataset,
    results: join(folder, "results"),
  };
}

/** Does the same as `cancernet prepare`, without a terminal. Returns the number of patches. */
export async function prepareInto(source: string, out: string): Promise<number> {
  const context = { reporter: silent, signal: new AbortController().signal };
  // The built package, because a thread starts faster from it than from TypeScript.
  const built = new URL("../dist/workflows/prepare.js", import.meta.url).href;
  const { prepare } = (await import(built)) as typeof import("../src/workflows/prepare.ts");
  const { description } = await prepare(prepareOptions.parse({ source, out }), context);
  return Object.values(description.counts).reduce((sum, { patches }) => sum + patches, 0);
}

/** Unpacks the first patches of the archive, sorted by case. */
async function copyPatches(archive: string, folder: string): Promise<void> {
  const source = await openSource(archive);
  try {
    const paths = source.paths.filter((path) => path.endsWith(".png")).sort();
    for (const path of paths.slice(0, PATCHES)) {
      const target = join(folder, path);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, readPlace(source.locate(path)));
    }
  } finally {
    await source.close();
  }
}

/** Removes a folder synchronously, because an interrupted benchmark may still write to it. */
export const removeFolder = (folder: string) => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
