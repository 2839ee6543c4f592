/**
 * The features of all rows of a dataset, computed once and stored in a file. Interrupted work resumes, and changed
 * files are detected.
 */
import { createHash, type Hash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { Dataset } from "../../histology/dataset/dataset.ts";
import { fileError, kindOf, readText, writeFileAtomically } from "../../system/files.ts";
import type { Context } from "../../util/context.ts";
import { UserError } from "../../util/errors.ts";
import { checked, type Expected, parseJson } from "../../util/json.ts";
import { counted, whole } from "../../util/numbers.ts";
import type { ExtractorInput, FeatureExtractor } from "./extractor.ts";

export const FEATURE_FILES = { header: "features.json", features: "features.bin" } as const;

const FORMAT = 1;
const FLOAT_BYTES = 4;
/** Time between two saves: the most work that can be lost. */
const SAVED_EVERY_MILLISECONDS = 10_000;
/** Number of bytes hashed at a time. */
const BLOCK_BYTES = 1 << 20;

/** The facts that determine the features. */
export interface FeatureFacts {
  /** The SHA-256 of the ONNX file. It does not cover weights in separate files. */
  readonly extractor_sha256: string;
  readonly manifest_sha256: string;
  readonly records_sha256: string;
  readonly device: string;
  readonly input: ExtractorInput;
  /** The number of features per row. */
  readonly features: number;
  readonly rows: number;
}

const headerSchema = z.object({
  format: z.literal(FORMAT),
  facts: z.record(z.string(), z.unknown()),
  /** The number of finished rows, and the SHA-256 of their bytes. */
  done: z.int().min(0),
  sha256: z.string(),
});

/** A file of features: float32, little-endian, [rows, width], in the order of the dataset's rows. */
export interface FeaturesFile {
  readonly path: string;
  readonly width: number;
}

/**
 * Computes the features of all rows. Resumes where an earlier run of the same work stopped.
 * @param folder an existing folder to which nobody else writes
 * @throws UserError if the folder contains other features, or a file was changed; the signal's reason if it is aborted,
 * after the finished rows are saved.
 */
export async function computeFeatures(
  folder: string,
  { extractor, dataset, facts }: { extractor: FeatureExtractor; dataset: Dataset; facts: FeatureFacts },
  context: Context,
): Promise<FeaturesFile> {
  const path = join(folder, FEATURE_FILES.features);
  const header = await readHeader(folder, facts);
  const file = await open(path, header ? "r+" : "w").catch((error: unknown) => {
    throw fileError(error, `cannot open ${path}`, "restore it, or choose a new folder with --out");
  });
  try {
    const hash = createHash("sha256");
    if (header) await requireUnchanged(file, path, { ...header, hash, bytes: header.done * rowBytes(facts) });
    const writing = { folder, path, file, hash, facts, done: header?.done ?? 0 };
    if (header) await requireSameFeatures(writing, extractor, dataset);
    else await save(writing);
    await extractRest(writing, { extractor, dataset }, context);
    return { path, width: facts.features };
  } catch (error) {
    throw fileError(error, `cannot write ${path}`, "fix that, and go on with the same command");
  } finally {
    await file.close();
  }
}

const rowBytes = ({ features }: FeatureFacts): number => features * FLOAT_BYTES;

/**
 * The header of an earlier run; undefined if no row is finished.
 * @throws UserError if the header is damaged or belongs to other work.
 */
async function readHeader(folder: string, facts: FeatureFacts) {
  const place = join(folder, FEATURE_FILES.header);
  if ((await kindOf(place)) !== "file") return undefined;
  const expected: Expected = {
    code: "features-damaged",
    place,
    what: "the header of features",
    remedy: "restore it, or choose a new folder with --out",
  };
  const header = checked(headerSchema, parseJson(await readText(place, "the features' header"), expected), expected);
  if (header.done === 0) return undefined;
  const before = flat(header.facts as Partial<FeatureFacts>);
  for (const [name, value] of Object.entries(flat(facts))) {
    const [there, here] = [before[name], value].map((one) => JSON.stringify(one));
    if (there === here) continue;
    throw new UserError(
      "output-mismatch",
      `${folder} holds features of other work: ${name} is ${there} there, but ${here} now; choose a new folder with --out.`,
    );
  }
  return header;
}

/** The facts, with those of the input on the same level, so that an error names a difference briefly. */
function flat({ input, ...others }: Partial<FeatureFacts>): Readonly<Record<string, unknown>> {
  return { ...others, ...input };
}

async function requireUnchanged(
  file: FileHandle,
  path: string,
  { bytes, hash, sha256 }: { bytes: number; hash: Hash; sha256: string },
): Promise<void> {
  // Bytes written after the last save are computed again.
  await file.truncate(Math.min(bytes, (await file.stat()).size));
  const block = Buffer.alloc(BLOCK_BYTES);
  for (let place = 0; place < bytes; ) {
    const { bytesRead } = await file.read(block, 0, Math.min(block.length, bytes - place), place);
    if (bytesRead === 0) break;
    hash.update(block.subarray(0, bytesRead));
    place += bytesRead;
  }
  if (hash.copy().digest("hex") === sha256) return;
  throw new UserError(
    "features-damaged",
    `${path} was changed or cut off since it was written: restore it, or choose a new folder with --out.`,
  );
}

interface Writing {
  readonly folder: string;
  readonly path: string;
  readonly file: FileHandle;
  /** The hash of all bytes so far. */
  readonly hash: Hash;
  readonly facts: FeatureFacts;
  done: number;
}

/** Relative tolerance. On another machine, float32 sums may be computed in a different order. */
const TOLERANCE = 1e-3;

/** Computes the first patches again and compares them, since weights in separate files may have been replaced. */
async function requireSameFeatures(
  { file, path, facts, done }: Writing,
  extractor: FeatureExtractor,
  dataset: Dataset,
): Promise<void> {
  const count = Math.min(extractor.patchesPerRun, done);
  const stored = Buffer.alloc(count * rowBytes(facts));
  await file.read(stored, 0, stored.length, 0);
  const now = await extractor.extract(recordsOf(dataset, 0, count));
  const size = now.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  if (now.every((value, i) => Math.abs(value - stored.readFloatLE(i * FLOAT_BYTES)) <= TOLERANCE * size)) return;
  throw new UserError(
    "output-mismatch",
    `${path} holds other features than the extractor gives now, as its weights were exchanged: choose a new folder with --out.`,
  );
}

async function extractRest(
  writing: Writing,
  { extractor, dataset }: { extractor: FeatureExtractor; dataset: Dataset },
  { reporter, signal }: Context,
): Promise<void> {
  const { file, hash, facts } = writing;
  let saved = performance.now();
  while (writing.done < facts.rows) {
    if (signal.aborted) {
      await save(writing);
      const kept = `the features of ${whole(writing.done)} of ${counted(facts.rows, "patch")} are kept`;
      reporter.event({ event: "resumable", command: null, kept });
      signal.throwIfAborted();
    }
    const count = Math.min(extractor.patchesPerRun, facts.rows - writing.done);
    const features = await extractor.extract(recordsOf(dataset, writing.done, count));
    const wrong = features.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) {
      const { id } = dataset.rows[writing.done + Math.floor(wrong / facts.features)]!;
      throw new UserError(
        "extractor-unsuitable",
        `The extractor gives ${features[wrong]} for patch ${id}, which is no feature: see whether --mean, --std and --size are its own.`,
      );
    }
    const bytes = Buffer.from(features.buffer, features.byteOffset, features.byteLength);
    await file.write(bytes, 0, bytes.length, writing.done * rowBytes(facts));
    hash.update(bytes);
    writing.done += count;
    reporter.progress({ task: "extract-features", done: writing.done, total: facts.rows, unit: "patches" });
    if (writing.done === facts.rows || performance.now() - saved >= SAVED_EVERY_MILLISECONDS) {
      await save(writing);
      saved = performance.now();
    }
  }
}

/** Flushes the features to the disk first, so that the header never counts bytes that are not on the disk. */
async function save({ folder, file, hash, facts, done }: Writing): Promise<void> {
  await file.sync();
  const header = { format: FORMAT, facts, done, sha256: hash.copy().digest("hex") };
  await writeFileAtomically(join(folder, FEATURE_FILES.header), `${JSON.stringify(header, null, 2)}\n`);
}

function recordsOf(dataset: Dataset, first: number, count: number): Uint8Array {
  const { recordBytes } = dataset;
  const records = new Uint8Array(count * recordBytes);
  for (let i = 0; i < count; i++) dataset.read(first + i, records, i * recordBytes);
  return records;
}

/** The features of the given rows, float32 [rows, width], in the given order. */
export function readFeatures({ path, width }: FeaturesFile, rows: Uint32Array): Float32Array {
  const features = new Float32Array(rows.length * width);
  const bytes = new Uint8Array(features.buffer);
  const length = width * FLOAT_BYTES;
  const file = openSync(path, "r");
  try {
    for (const [place, row] of rows.entries()) {
      if (readSync(file, bytes, place * length, length, row * length) === length) continue;
      throw new UserError("features-damaged", `${path} was cut off while it was read: see who else writes there.`);
    }
    return features;
  } finally {
    closeSync(file);
  }
}
