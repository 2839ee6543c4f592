/**
 * Decodes patches in parallel and writes them to a file of fixed-size records. Finds patches that cannot be decoded or
 * occur twice.
 */
import { closeSync, fsync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { promisify } from "node:util";
import { fileError, sha256OfFile } from "../../system/files.ts";
import { messageOf, UserError } from "../../util/errors.ts";
import { inTurns } from "../../util/turns.ts";
import { decodeImage } from "../image/decode.ts";
import { type CopyClue, findCopies } from "./duplicates.ts";
import { readPlace } from "./file_place.ts";
import { forEachInParallel, type Watch } from "./parallel.ts";
import type { Candidate } from "./parse_path.ts";
import { recordBytes } from "./record.ts";
import type { RecordThreads } from "./record_threads.ts";
import { type Rejection, rejection } from "./rejection.ts";
import type { PatchSource } from "./source.ts";
import { type RecordFile, type RecordOrder, type StoredPicture, storeRecord } from "./store_record.ts";

const flushToDisk = promisify(fsync);
const RECORDS_A_STEP = 256;
/** Patches that a thread is given at a time. */
const GROUP = 32;
/** Groups in work at once if there are no threads, which keeps the decoder of other kinds of pictures busy. */
const GROUPS_AT_ONCE = 8;

/** A patch in the records file, with the original size of its picture. */
export interface PackedPatch {
  candidate: Candidate;
  width: number;
  height: number;
}

/** What became of the candidates. */
interface Packed {
  /** Patch i of the records file. The patches keep the order of the candidates. */
  readonly patches: PackedPatch[];
  readonly rejections: Rejection[];
  /** The SHA-256 of the records file, in hexadecimal. */
  readonly sha256: string;
}

/**
 * Writes the records file `path`, whose records are squares of `side` pixels. If there are threads, they decode and are
 * closed; this one decodes what they leave out.
 */
export async function packPatches(
  source: PatchSource,
  candidates: readonly Candidate[],
  { path, side, threads }: { path: string; side: number; threads?: RecordThreads | undefined },
  watch: Watch,
): Promise<Packed> {
  const packing = new Packing(candidates, path, side);
  try {
    await storeAll(source, packing, threads, watch);
    const packed = await inTurns(packing.finish(), watch.signal);
    // The disk and the processor work at the same time. The file stays open until both have ended.
    const [hashed, flushed] = await Promise.allSettled([sha256OfFile(path, watch.signal), packing.flush()]);
    if (flushed.status === "rejected") throw flushed.reason;
    if (hashed.status === "rejected") throw hashed.reason;
    watch.signal.throwIfAborted();
    return { ...packed, sha256: hashed.value };
  } catch (error) {
    throw fileError(error, `cannot write ${path}`, "check the free space and the permissions of its folder");
  } finally {
    // A thread that still worked could write to whatever file gets the number of this one.
    await threads?.close();
    packing.close();
  }
}

/** Stores or rejects every candidate: in the threads if it can be, here otherwise. */
async function storeAll(
  source: PatchSource,
  packing: Packing,
  threads: RecordThreads | undefined,
  { signal, onProgress }: Watch,
): Promise<void> {
  const groups = Math.ceil(packing.candidates.length / GROUP);
  const atOnce = threads?.groupsAtOnce ?? GROUPS_AT_ONCE;
  let done = 0;
  await forEachInParallel(groups, { signal, atOnce, onProgress() {} }, async (group) => {
    const orders = packing.orders(group * GROUP, GROUP, source);
    const outcomes = await threads?.store(packing.file, orders);
    for (const [place, order] of orders.entries()) {
      const stored = outcomes?.[place] ?? (await storeHere(order, packing));
      if (stored instanceof UserError) packing.reject(order.index, stored);
      else packing.note(order.index, stored);
      onProgress(++done);
    }
  });
}

/** Decodes and stores a patch on this thread. Returns the error if the patch cannot be read. */
async function storeHere(order: RecordOrder, { file }: Packing): Promise<StoredPicture | UserError> {
  try {
    return storeRecord(file, order, await decodeImage(readPlace(order.place), order.place.path));
  } catch (error) {
    if (error instanceof UserError && error.code !== "installation-damaged") return error;
    throw error;
  }
}

/**
 * The records file during writing. At first it has one slot per candidate. Later the slots of rejected candidates are
 * removed.
 */
class Packing {
  readonly candidates: readonly Candidate[];
  readonly file: RecordFile;
  readonly #bytes: number;
  /** [width, height] of each candidate's picture; 0 if it was left out. */
  readonly #sizes: Uint32Array;
  readonly #withUnplaced: ReadonlySet<string>;
  readonly #clues: CopyClue[] = [];
  readonly #rejections: Rejection[] = [];

  constructor(candidates: readonly Candidate[], path: string, side: number) {
    this.candidates = candidates;
    this.file = { fd: openSync(path, "wx+"), side };
    this.#bytes = recordBytes(side);
    this.#sizes = new Uint32Array(2 * candidates.length);
    this.#withUnplaced = new Set(candidates.filter(({ x }) => x === undefined).map(({ caseId }) => caseId));
  }

  /** The orders for the candidates from `start` on, at most `count`. */
  orders(start: number, count: number, source: PatchSource): RecordOrder[] {
    return this.candidates.slice(start, start + count).map(({ path, caseId }, place) => {
      // Patches with different positions in their names are different patches, even if they look the same. Only
      // patches without a position can be copies.
      return { index: start + place, place: source.locate(path), digested: this.#withUnplaced.has(caseId) };
    });
  }

  /** Notes that a candidate's record is in its slot. */
  note(index: number, { width, height, digest }: StoredPicture): void {
    this.#sizes.set([width, height], 2 * index);
    if (digest !== undefined) this.#clues.push({ index, digest });
  }

  reject(index: number, error: unknown): void {
    this.#rejections.push(rejection(this.candidates[index]!.path, "damaged", messageOf(error)));
  }

  /** Removes empty slots between records, as a generator with a batch of records per step. */
  *finish(): Generator<void, Omit<Packed, "sha256">> {
    for (const copy of findCopies(this.candidates, this.#clues)) {
      this.#rejections.push(rejection(this.candidates[copy.index]!.path, copy.kind, copy.reason));
      this.#sizes[2 * copy.index] = 0;
    }
    const patches: PackedPatch[] = [];
    const record = Buffer.alloc(this.#bytes);
    for (const [index, candidate] of this.candidates.entries()) {
      if (index % RECORDS_A_STEP === 0) yield;
      const width = this.#sizes[2 * index]!;
      if (width === 0) continue;
      if (index > patches.length) {
        readSync(this.file.fd, record, 0, this.#bytes, index * this.#bytes);
        writeSync(this.file.fd, record, 0, this.#bytes, patches.length * this.#bytes);
      }
      patches.push({ candidate, width, height: this.#sizes[2 * index + 1]! });
    }
    ftruncateSync(this.file.fd, patches.length * this.#bytes);
    return { patches, rejections: this.#rejections };
  }

  /** Flushes the file to the disk. */
  flush(): Promise<void> {
    return flushToDisk(this.file.fd);
  }

  close(): void {
    closeSync(this.file.fd);
  }
}
