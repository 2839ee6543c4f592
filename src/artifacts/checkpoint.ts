/**
 * A checkpoint as bytes: all that a training needs to go on exactly, sealed by a checksum. Writing and choosing files is left
 * to checkpoint_files.ts. Layout, little-endian:
 *
 *     8 bytes   "CNCHECKP"
 *     uint32    format version
 *     uint32    length of the JSON
 *     JSON      position, sums, history, what fixes the training, names and lengths of the arrays; spaces up to a multiple of 4
 *     float32   the arrays, one behind the other
 *     32 bytes  SHA-256 of everything before; it stands there in every version
 */
import { hash } from "node:crypto";
import { z } from "zod";
import type { Arrays } from "../engine/nn/model.ts";
import type { EpochPosition } from "../engine/training/loop.ts";
import type { EpochRow } from "../util/epoch.ts";
import { epochSchema } from "./history.ts";

const MAGIC = "CNCHECKP";
/** Format 1 differs in the names of the history's columns: "valLoss" for "val_loss". */
const VERSION = 2;
const READABLE = [1, VERSION];
const HEADER_BYTES = 16;
const SEAL_BYTES = 32;

/** What fixes a training's result, by name; a checkpoint belongs to no other. */
export type TrainingFacts = Readonly<Record<string, string | number | boolean>>;

/** Where a training stands between two steps. */
export interface Position {
  /** Finished epochs. */
  readonly epoch: number;
  readonly inEpoch: EpochPosition;
  /** A row for each finished epoch. */
  readonly history: readonly EpochRow[];
}

export interface Checkpoint extends Position {
  readonly facts: TrainingFacts;
  /** The model's arrays and the optimizer's, as TrainingEngine.state gives them. */
  readonly arrays: Arrays;
}

const count = z.int().nonnegative();
const contentSchema = z.object({
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  epoch: count,
  inEpoch: z.object({ steps: count, images: count, lossSum: z.number(), hits: count }),
  history: z.array(epochSchema),
  arrays: z.array(z.object({ name: z.string(), length: count })),
});

/** Why bytes are no checkpoint that can be taken, as the end of a sentence: "it is cut off or changed". */
export class CheckpointError extends Error {
  override readonly name = "CheckpointError";
  /** The bytes are whole, but another version of the software wrote them. */
  readonly otherVersion: boolean;

  constructor(message: string, otherVersion = false) {
    super(message);
    this.otherVersion = otherVersion;
  }
}

export function encodeCheckpoint({ arrays, ...content }: Checkpoint): Uint8Array {
  const specs = Array.from(arrays, ([name, { length }]) => ({ name, length }));
  const json = Buffer.from(JSON.stringify({ ...content, arrays: specs }));
  const jsonBytes = Math.ceil(json.length / 4) * 4;
  const numbers = specs.reduce((sum, { length }) => sum + length, 0);
  const bytes = Buffer.alloc(HEADER_BYTES + jsonBytes + numbers * 4 + SEAL_BYTES, " ");
  bytes.write(MAGIC, 0, "latin1");
  bytes.writeUInt32LE(VERSION, 8);
  bytes.writeUInt32LE(jsonBytes, 12);
  json.copy(bytes, HEADER_BYTES);
  let offset = HEADER_BYTES + jsonBytes;
  for (const array of arrays.values()) {
    // Every machine that Node runs on today is little-endian.
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), offset);
    offset += array.byteLength;
  }
  bytes.set(seal(bytes.subarray(0, offset)), offset);
  return bytes;
}

/** @throws CheckpointError if a byte is not as it was written, or the version is not ours. */
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
  const { arrays: specs, ...content } = parseContent(bytes.subarray(HEADER_BYTES, start), version);
  let offset = start;
  const arrays: Arrays = new Map();
  for (const { name, length } of specs) {
    arrays.set(name, new Float32Array(Uint8Array.from(bytes.subarray(offset, offset + length * 4)).buffer));
    offset += length * 4;
  }
  if (offset !== end) throw new CheckpointError("its arrays have another length than it says");
  return { ...content, arrays };
}

function parseContent(bytes: Buffer, version: number): z.output<typeof contentSchema> {
  try {
    const content = JSON.parse(bytes.toString());
    return contentSchema.parse(version === 1 ? { ...content, history: content.history.map(inSnakeCase) } : content);
  } catch {
    throw new CheckpointError("its description cannot be read");
  }
}

/** A row of format 1 by the names of today. */
const inSnakeCase = (row: object): object =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]),
  );

const seal = (bytes: Uint8Array): Buffer => hash("sha256", bytes, "buffer");
