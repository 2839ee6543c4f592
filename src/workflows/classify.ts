/** Runs a model over rows of a dataset. */
import type { Classifier } from "../engine/runtime/classifier.ts";
import type { Dataset } from "../histology/dataset/dataset.ts";
import { RECORD_BYTES } from "../histology/dataset/record.ts";

/** The probability of IDC of each of the rows, in their order. */
export function classifyRows(
  classifier: Classifier,
  dataset: Dataset,
  rows: Uint32Array,
  onProgress?: (done: number) => void,
): Promise<Float32Array> {
  const read = (first: number, count: number, into: Uint8Array) => {
    for (let place = 0; place < count; place++) dataset.read(rows[first + place]!, into, place * RECORD_BYTES);
  };
  return classifier.classify(rows.length, read, onProgress);
}
