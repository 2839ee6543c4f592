/** A checkpoint of any format as bytes, by the layout that src/artifacts/checkpoint.ts describes. */
import { createHash } from "node:crypto";
import type { Arrays } from "../../src/engine/nn/model.ts";

export function checkpointBytes(version: number, content: object, arrays: Arrays): Buffer {
  const specs = Array.from(arrays, ([name, { length }]) => ({ name, length }));
  const json = JSON.stringify({ ...content, arrays: specs });
  const padded = Buffer.from(json + " ".repeat(-Buffer.byteLength(json) & 3));
  const header = Buffer.alloc(16);
  header.write("CNCHECKP", "latin1");
  header.writeUInt32LE(version, 8);
  header.writeUInt32LE(padded.length, 12);
  const numbers = Array.from(arrays.values(), (array) => Buffer.from(array.slice().buffer));
  const bytes = Buffer.concat([header, padded, ...numbers]);
  return Buffer.concat([bytes, createHash("sha256").update(bytes).digest()]);
}
