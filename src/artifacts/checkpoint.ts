/**
 * A checkpoint as bytes: everything needed to resume a training exactly, with a checksum. checkpoint_files.ts writes
 * and chooses the files. Layout, little-endian:
 *
 *     8 bytes   "CNCHECKP"
 *     uint32    format version
 *     uint32    length of the JSON in bytes, including its padding
 *     JSON      position, sums, history, training facts, names and lengths of the arrays; padded with spaces to a
 *               multiple of 4 bytes
 *     float32   the arrays, one after another, then those of the mean of the weights, if there is one
 *     32 bytes  SHA-256 of everything before; the same in every version
 */
import { hash } from "node:crypto";
import * as z from "zod";
import type { Arrays } from "../engine/nn/model.ts";
import type { EpochPosition } from "../engine/training/loop.ts";
import type { EpochRow } from "../util/epoch.ts";
import { epochSchema } from "./history.ts";

const MAGIC = "CNCHECKP";
/** Format 1 has other column names in the history: "valLoss" instead of "val_loss". */
const VERSION = 2;
const READABLE = [1, VERSION];
const HEADER_BYTES = 16;
const SEAL_BYTES = 32;

/** Named facts that determine a training's result. A checkpoint can only resume a training with the same facts. */
export type TrainingFacts = Readonly<Record<string, string | number | boolean>>;

/** A position between two steps of a training. */
export interface Position {
  /** Finished epochs. */
  readonly epoch: number;
  readonly inEpoch: EpochPosition;
  /** One row per finished epoch. */
  readonly history: readonly EpochRow[];
  /** Present if the training keeps the mean of its last weights, and has finished an epoch of them. */
  readonly tailMean?: TailMean | undefined;
}

/** The mean of the weights after each finished epoch from `start` on. */
export interface TailMean {
  /** The first epoch, from 1. */
  readonly start: number;
  readonly arrays: Arrays;
}

export interface Checkpoint extends Position {
  readonly facts: TrainingFacts;
  /** The arrays of the model and of the optimizer, as returned by TrainingEngine.state. */
  readonly arrays: Arrays;
}

const count = z.int().nonnegative();
const specs = z.array(z.object({ name: z.string(), length: count }));
const contentSchema = z.object({
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  epoch: count,
  inEpoch: z.object({ steps: count, images: count, lossSum: z.number(), hits: count }),
  history: z.array(epochSchema),
  arrays: specs,
  tailMean: z.object({ start: count, arrays: specs }).optional(),
});

/** The reason why bytes cannot be read as a checkpoint, as the end of a sentence: "it is cut off or changed". */
export class CheckpointError extends Error {
  override readonly name = "CheckpointError";
  /** The bytes are intact, but another version of the software wrote them. */
  readonly otherVersion: boolean;

  constructor(message: string, otherVersion = false) {
    super(message);
    this.otherVersion = otherVersion;
  }
}

export function encodeCheckpoint({ arrays, tailMean, ...content }: Checkpoint): Uint8Array {
  const mean = tailMean && { start: tailMean.start, arrays: specsOf(tailMean.arrays) };
  const json = Buffer.from(JSON.stringify({ ...content, arrays: specsOf(arrays), tailMean: mean }));
  const jsonBytes = Math.ceil(json.length / 4) * 4;
  const all = [...arrays.values(), ...(tailMean?.arrays.values() ?? [])];
  const numbers = all.reduce((sum, { length }) => sum + length, 0);
  const bytes = Buffer.alloc(HEADER_BYTES + jsonBytes + numbers * 4 + SEAL_BYTES, " ");
  bytes.write(MAGIC, 0, "latin1");
  bytes.writeUInt32LE(VERSION, 8);
  bytes.writeUInt32LE(jsonBytes, 12);
  json.copy(bytes, HEADER_BYTES);
  let offset = HEADER_BYTES + jsonBytes;
  for (const array of all) {
    // All machines that Node supports today are little-endian.
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), offset);
    offset += array.byteLength;
  }
  bytes.set(seal(bytes.subarray(0, offset)), offset);
  return bytes;
}

/**
 * @throws CheckpointError if the bytes were changed, are not a checkpoint, or have a format version that cannot be
 * read.
 */
export function decodeCheckpoint(file: Uint8Array): Checkpoint {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const end = bytes.length - SEAL_BYTES;
  if (end < HEADER_BYTES || !seal(bytes.subarray(0, end)).equals(bytes.subarray(end))) {
    throw new CheckpointError("its checksum is wrong: it was cut off or changed");
  }
  if (bytes.toString("latin1", 0, MAGIC.length) !== MAGIC) throw new CheckpointError("it is another kind of file");
  const version = bytes.readUInt32LE(8);
  if (!READABLE.includes(version))
    throw new CheckpointError(`it has format ${version}, and this version reads ${READABLE.join(" and ")}`, true);
  const start = HEADER_BYTES + bytes.readUInt32LE(12);
  const { arrays: specs, tailMean: mean, ...content } = parseContent(bytes.subarray(HEADER_BYTES, start), version);
  let offset = start;
  const read = (named: typeof specs): Arrays => {
    const arrays: Arrays = new Map();
    for (const { name, length } of named) {
      arrays.set(name, new Float32Array(Uint8Array.from(bytes.subarray(offset, offset + length * 4)).buffer));
      offset += length * 4;
    }
    return arrays;
  };
  const arrays = read(specs);
  const tailMean = mean && { start: mean.start, arrays: read(mean.arrays) };
  if (offset !== end) throw new CheckpointError("its arrays have another length than it says");
  return { ...content, arrays, ...(tailMean ? { tailMean } : {}) };
}

const specsOf = (arrays: Arrays) => Array.from(arrays, ([name, { length }]) => ({ name, length }));

function parseContent(bytes: Buffer, version: number): z.output<typeof contentSchema> {
  try {
    const content = JSON.parse(bytes.toString());
    return contentSchema.parse(version === 1 ? { ...content, history: content.history.map(inSnakeCase) } : content);
  } catch {
    throw new CheckpointError("its description cannot be read");
  }
}

/** Converts a history row of format 1 to the current column names. */
const inSnakeCase = (row: object): object =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]),
  );

const seal = (bytes: Uint8Array): Buffer => hash("sha256", bytes, "buffer");
