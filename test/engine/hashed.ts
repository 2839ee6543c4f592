/** Numbers and digests exactly as the golden scripts make them, and the committed values with their types. */
import { readFileSync } from "node:fs";
import { MODELS } from "../../src/engine/models/table.ts";
import type { Arrays } from "../../src/engine/nn/model.ts";

/** 32-bit hash of element `k` of tensor `tensor` (the finalizer of MurmurHash3). */
function hash32(tensor: number, k: number): number {
  let h = (Math.imul(k, 2654435761) + Math.imul(tensor + 1, Math.imul(40503, 65537)) + 12345) >>> 0;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

export function hashed<T>(tensor: number, length: number, of: (hash: number) => T): T[] {
  return Array.from({ length }, (_, k) => of(hash32(tensor, k)));
}

const centred = (hash: number) => hash / 2 ** 32 - 0.5;

export interface Digest {
  norm: number;
  sum: number;
  dot: number;
  samples: number[];
  float32Error: { l2: number; max: number };
}

interface Few<T> {
  values: T;
  float32Error: { l2: number; max: number };
}

export interface AdagradRun {
  name: string;
  initialAccumulator: number;
  learningRates: number[];
  losses: Few<number>[];
  tensorsAfterStep: Record<string, Record<string, Digest>>;
}

export interface Golden {
  hashChecks: { tensor: number; element: number; hash: number }[];
  tensors: { name: string; shape: number[]; base: number; scale: number; trainable: boolean }[];
  batches: { size: number; imageTensor: number; labelTensor: number; labels: number[][] };
  classWeights: number[];
  inference: { logits: Few<number[][]>; probabilities: Few<number[][]> };
  training: {
    logits: Few<number[][]>;
    loss: Few<number>;
    gradients: Record<string, Digest>;
    statisticsAfter: Record<string, Digest>;
  };
  adagrad: AdagradRun[];
}

export const golden: Golden = JSON.parse(
  readFileSync(new URL("../../golden/values/cancernet.json", import.meta.url), "utf8"),
);

export { hash32 };

/** CancerNet's arrays in the golden scripts' hash values. */
export function hashedArrays(): Arrays {
  return new Map(
    golden.tensors.map(({ name, shape, base, scale }, index) => {
      const length = shape.reduce((product, side) => product * side, 1);
      return [name, Float32Array.from(hashed(index, length, (hash) => base + scale * centred(hash)))];
    }),
  );
}

export const model = MODELS.cancernet;

/** The images of a golden batch, [n, 48, 48, 3]. */
export function hashedImages(step: number): Uint8Array {
  const { size, imageTensor } = golden.batches;
  const planes = hashed(imageTensor + step, size * 3 * 48 * 48, (hash) => hash & 255);
  const images = new Uint8Array(planes.length);
  const plane = 48 * 48;
  for (let n = 0; n < size; n++) {
    for (let c = 0; c < 3; c++) {
      for (let i = 0; i < plane; i++) images[(n * plane + i) * 3 + c] = planes[(n * 3 + c) * plane + i]!;
    }
  }
  return images;
}

/** The digest of an array, as golden/common/digest.py makes it. */
export function digestOf(array: Float32Array, index: number): Omit<Digest, "float32Error"> {
  const probe = hashed(5000 + index, array.length, centred);
  let [squares, sum, dot] = [0, 0, 0];
  array.forEach((value, k) => {
    squares += value * value;
    sum += value;
    dot += value * probe[k]!;
  });
  const samples = Array.from({ length: 16 }, (_, j) => array[Math.floor((j * array.length) / 16)]!);
  return { norm: Math.sqrt(squares), sum, dot, samples };
}
