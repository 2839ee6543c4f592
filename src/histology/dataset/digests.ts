/** The SHA-256 of the records of patches, by which the same pictures are found. */
import { createHash } from "node:crypto";
import type { Dataset } from "./dataset.ts";

/** The SHA-256 of the records of these rows as base64, in the same order; in steps, so that the caller can pause. */
export function* digestsOf(
  dataset: Pick<Dataset, "read" | "recordBytes">,
  rows: Iterable<number>,
): Generator<void, string[]> {
  const record = new Uint8Array(dataset.recordBytes);
  const digests: string[] = [];
  for (const index of rows) {
    dataset.read(index, record, 0);
    digests.push(createHash("sha256").update(record).digest("base64"));
    yield;
  }
  return digests;
}
