/** Reads the committed reference numbers and makes their inputs again from the hash; what is compared is the tests' choice. */
import assert from "node:assert/strict";
import { jsonOf } from "../support/folder.ts";

/** Distance of PyTorch's float32 runs from its float64 run: Euclidean norm and largest element. */
export interface Float32Error {
  l2: number;
  max: number;
}

/** A long float64 vector in short: see golden/README.md. */
export interface Digest {
  norm: number;
  sum: number;
  dot: number;
  samples: number[];
  float32Error: Float32Error;
}

/** A small tensor in full. */
export interface Reference<T> {
  values: T;
  float32Error: Float32Error;
}

export interface TensorEntry {
  name: string;
  shape: number[];
  base: number;
  scale: number;
  trainable: boolean;
}

export interface AdagradRun {
  name: "tutorial" | "gentle" | "gentleFromZero";
  initialAccumulator: number;
  epsilon: number;
  learningRate: number;
  decay: number;
  learningRates: number[];
  losses: Reference<number>[];
  inferenceLogitsOfBatch0: Reference<number[][]>;
  tensorsAfterStep: Record<string, Record<string, Digest>>;
}

export interface CancerNetReference {
  hashChecks: { tensor: number; element: number; hash: number }[];
  tensors: TensorEntry[];
  batches: { size: number; imageTensor: number; labelTensor: number; labels: number[][] };
  classWeights: [number, number];
  inference: { logits: Reference<number[][]>; probabilities: Reference<number[][]> };
  training: {
    logits: Reference<number[][]>;
    loss: Reference<number>;
    gradients: Record<string, Digest>;
    statisticsAfter: Record<string, Digest>;
  };
  adagrad: AdagradRun[];
}

/** The parsed golden/values/<name>.json. */
export function readGolden<T>(name: string): T {
  return jsonOf(new URL(`../../golden/values/${name}.json`, import.meta.url)) as T;
}

/** The hash of element `element` of tensor `tensor`, in [0, 2^32): the finalizer of MurmurHash3 (Appleby 2011). */
export function hash32(tensor: number, element: number): number {
  let h = (Math.imul(element, 2654435761) + Math.imul(tensor + 1, 40503 * 65537) + 12345) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** base + scale * (hash / 2^32 - 0.5) for elements 0 .. length-1. */
export function hashedValues(tensor: number, length: number, base = 0, scale = 1): Float64Array {
  return new Float64Array(length).map((_, k) => base + scale * (hash32(tensor, k) / 4294967296 - 0.5));
}

/** The starting values of every tensor of CancerNet, by name. */
export function initialTensors(reference: CancerNetReference): Map<string, Float32Array> {
  return new Map(
    reference.tensors.map(({ name, shape, base, scale }, index) => {
      const length = shape.reduce((product, size) => product * size, 1);
      return [name, new Float32Array(hashedValues(index, length, base, scale))];
    }),
  );
}

/** Batch `step`: bytes [N, 3, 48, 48], the same divided by 255 in float32, and labels [N]. */
export function goldenBatch(reference: CancerNetReference, step: number) {
  const { size, imageTensor, labelTensor } = reference.batches;
  const bytes = new Uint8Array(size * 3 * 48 * 48).map((_, k) => hash32(imageTensor + step, k) & 255);
  const labels = Array.from({ length: size }, (_, k) => hash32(labelTensor + step, k) & 1);
  return { bytes, images: Float32Array.from(bytes, (byte) => byte / 255), labels };
}

/**
 * Asserts that a tensor agrees with its digest within `slack` times PyTorch's own float32 error. What the error allows the
 * sum and the dot product follows from Cauchy and Schwarz: |sum| <= sqrt(n) l2 and |dot| <= |probe| l2.
 * @param index the tensor's place in the list of CancerNet's tensors.
 */
export function assertDigest(
  values: ArrayLike<number>,
  index: number,
  expected: Digest,
  label: string,
  slack = 10,
): void {
  const n = values.length;
  const probe = hashedValues(5000 + index, n);
  let [squares, sum, dot, probeSquares] = [0, 0, 0, 0];
  for (let k = 0; k < n; k++) {
    squares += values[k]! ** 2;
    sum += values[k]!;
    dot += values[k]! * probe[k]!;
    probeSquares += probe[k]! ** 2;
  }
  const l2 = slack * expected.float32Error.l2 + 1e-7 * expected.norm;
  assertNear(Math.sqrt(squares), expected.norm, l2, `${label}: norm`);
  assertNear(sum, expected.sum, Math.sqrt(n) * l2, `${label}: sum`);
  assertNear(dot, expected.dot, Math.sqrt(probeSquares) * l2, `${label}: dot`);
  expected.samples.forEach((sample, place) => {
    const k = Math.floor((place * n) / expected.samples.length);
    const tolerance = slack * expected.float32Error.max + 1e-6 * Math.abs(sample);
    assertNear(values[k]!, sample, tolerance, `${label}: element ${k}`);
  });
}

/** Asserts |actual - expected| <= tolerance; a NaN fails. */
export function assertNear(actual: number, expected: number, tolerance: number, label: string): void {
  const distance = Math.abs(actual - expected);
  assert.ok(distance <= tolerance, `${label} is ${actual}, expected ${expected} within ${tolerance}`);
}
