/**
 * Decodes patches in parallel and writes them to a file of fixed-size records. Finds patches that cannot be decoded or
 * occur twice.
 */
import { createHash } from "node:crypto";
import { closeSync, fsync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { promisify } from "node:util";
import { fileError } from "../../system/files.ts";
import { messageOf, UserError } from "../../util/errors.ts";
import { inTurns } from "../../util/turns.ts";
import { decodeImage } from "../image/decode.ts";
import type { RgbImage } from "../image/rgb.ts";
import { type CopyClue, findCopies } from "./duplicates.ts";
import { forEachInParallel, type Watch } from "./parallel.ts";
import type { Candidate } from "./parse_path.ts";
import { recordBytes, toRecord } from "./record.ts";
import { type Rejection, rejection } from "./rejection.ts";
import type { PatchSource } from "./source.ts";

const flushToDisk = promisify(fsync);
const RECORDS_A_STEP = 256;
/**
 * Number of patches read at once. This is enough for the decoding threads, and limits the memory used by files of the
 * maximum size.
 */
const READ_AT_ONCE = 16;

/** A patch in the records file, with the original size of its picture. */
export interface PackedPatch {
  candidate: Candidate;
  width: number;
  height: number;
}

/**
 * Writes the records file `path`. Record i is a square of `side` pixels for patch i of the result. The patches keep the
 * order of the candidates.
 */
export async function packPatches(
  source: PatchSource,
  candidates: readonly Candidate[],
  { path, side }: { path: string; side: number },
  watch: Watch,
): Promise<{ patches: PackedPatch[]; rejections: Rejection[] }> {
  const packing = new Packing(candidates, path, side);
  try {
    await forEachInParallel(candidates.length, { ...watch, atOnce: READ_AT_ONCE }, async (index) => {
      const place = candidates[index]!.path;
      try {
        packing.store(index, await decodeImage(await source.read(place), place));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        packing.reject(index, error);
      }
    });
    const packed = await inTurns(packing.finish(), watch.signal);
    await packing.flush();
    watch.signal.throwIfAborted();
    return packed;
  } catch (error) {
    throw fileError(error, `cannot write ${path}`, "check the free space and the permissions of its folder");
  } finally {
    packing.close();
  }
}

/**
 * The records file during writing. At first it has one slot per candidate. Later the slots of rejected candidates are
 * removed.
 */
class Packing {
  readonly #candidates: readonly Candidate[];
  readonly #fd: number;
  readonly #side: number;
  readonly #bytes: number;
  /** [width, height] of each candidate's picture; 0 if it was left out. */
  readonly #sizes: Uint32Array;
  readonly #withUnplaced: ReadonlySet<string>;
  readonly #clues: CopyClue[] = [];
  readonly #rejections: Rejection[] = [];

  constructor(candidates: readonly Candidate[], path: string, side: number) {
    this.#candidates = candidates;
    this.#side = side;
    this.#bytes = recordBytes(side);
    this.#fd = openSync(path, "wx+");
    this.#sizes = new Uint32Array(2 * candidates.length);
    this.#withUnplaced = new Set(candidates.filter(({ x }) => x === undefined).map(({ caseId }) => caseId));
  }

  store(index: number, image: RgbImage): void {
    writeSync(this.#fd, toRecord(image, this.#side), 0, this.#bytes, index * this.#bytes);
    this.#sizes.set([image.width, image.height], 2 * index);
    // Patches with different positions in their names are different patches, even if they look the same. Only patches
    // without a position can be copies.
    if (this.#withUnplaced.has(this.#candidates[index]!.caseId) && !isPlain(image.data)) {
      const digest = createHash("sha256")
        .update(`${image.width} x ${image.height} `)
        .update(image.data)
        .digest("base64");
      this.#clues.push({ index, digest });
    }
  }

  reject(index: number, error: unknown): void {
    this.#rejections.push(rejection(this.#candidates[index]!.path, "damaged", messageOf(error)));
  }

  /** Removes empty slots between records, as a generator with a batch of records per step. */
  *finish(): Generator<void, { patches: PackedPatch[]; rejections: Rejection[] }> {
    for (const copy of findCopies(this.#candidates, this.#clues)) {
      this.#rejections.push(rejection(this.#candidates[copy.index]!.path, copy.kind, copy.reason));
      this.#sizes[2 * copy.index] = 0;
    }
    const patches: PackedPatch[] = [];
    const record = Buffer.alloc(this.#bytes);
    for (const [index, candidate] of this.#candidates.entries()) {
      if (index % RECORDS_A_STEP === 0) yield;
      const width = this.#sizes[2 * index]!;
      if (width === 0) continue;
      if (index > patches.length) {
        readSync(this.#fd, record, 0, this.#bytes, index * this.#bytes);
        writeSync(this.#fd, record, 0, this.#bytes, patches.length * this.#bytes);
      }
      patches.push({ candidate, width, height: this.#sizes[2 * index + 1]! });
    }
    ftruncateSync(this.#fd, patches.length * this.#bytes);
    return { patches, rejections: this.#rejections };
  }

  /** Flushes the file to the disk. */
  flush(): Promise<void> {
    return flushToDisk(this.#fd);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/**
 * Returns whether the picture has only one colour, like blank patches outside the tissue. Such patches are not treated
 * as copies.
 */
export function isPlain(data: Uint8Array): boolean {
  for (let i = 3; i < data.length; i++) if (data[i] !== data[i - 3]) return false;
  return true;
}
