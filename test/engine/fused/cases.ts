/** The fused kernels as a table: what each is given, how it is called, and what its twin says; the tests are in kernels.test.ts. */
import assert from "node:assert/strict";
import { FILL_MODES, type FillMode } from "../../../src/engine/nn/fill.ts";
import { type Arena, interior, type View } from "./arena.ts";
import type { Shape } from "./twins.ts";
import * as twins from "./twins.ts";

const sizeOf = ({ n, c, h, w }: Shape): number => n * c * h * w;
const pooledShape = ({ n, c, h, w }: Shape): Shape => ({ n, c, h: h >> 1, w: w >> 1 });

/** A value, and its tolerance: `bound` times what the sum would be if all its terms were positive; without it, exact. */
export interface Expected {
  values: View;
  bound?: { of: Float64Array; relative: number };
}
/** What a kernel is given, by name. */
export type Arrays = Record<string, Float32Array>;

export interface Case {
  /** Its inputs' elements in an image of one channel, by name. */
  perChannel: Record<string, (shape: Shape) => number>;
  /** float32 numbers a channel. */
  shared?: Record<string, number>;
  /** Runs the kernel, and gives its outputs as dense arrays by name. */
  run(arena: Arena, shape: Shape, given: Arrays): Record<string, View>;
  /** What they must be. */
  twin(shape: Shape, given: Arrays): Record<string, Expected>;
}

const dense = ({ h, w }: Shape): number => h * w;
const quarter = ({ h, w }: Shape): number => (h >> 1) * (w >> 1);
const absolute = (values: Float32Array): Float32Array => values.map(Math.abs);
/** The worst that k float32 operations can do. */
const rounding = (k: number): number => k * 2 ** -24;

/** Twin and bound of a sum of a few values, float32 for 33 additions at most and a product, then float64. */
function sumsOf(shape: Shape, of: readonly ((index: number) => number)[]): Expected {
  const magnitudes = of.map((value) => (index: number) => Math.abs(value(index)));
  return { values: twins.sums(shape, of), bound: { of: twins.sums(shape, magnitudes), relative: rounding(34) } };
}

/** Channels that come out of a pointwise convolution. */
const OUTPUTS = 5;
const repeat = (values: Float32Array, times: number): Float32Array =>
  Float32Array.from({ length: values.length * times }, (_, i) => values[i % values.length]!);
const DROPOUT = { threshold: 64, keepScale: 4 / 3 };
const bytesOf = (numbers: Float32Array): Uint8Array => Uint8Array.from(numbers, (value) => (value + 2) * 64);
const placesOf = (numbers: Float32Array): Uint8Array => Uint8Array.from(numbers, (value) => (value + 2) * 1.25);

function moveCase(fill: FillMode): Case {
  return {
    perChannel: { x: dense },
    // A matrix for each image would have to be shared out with it; all have the same here.
    shared: { matrix: 6 },
    run(arena, shape, { x, matrix }) {
      const { n, c, h, w } = shape;
      const [from, output] = [arena.put(x!), arena.bordered(shape)];
      const matrices = arena.put(repeat(matrix!.subarray(0, 6), n));
      const [source, target, mode] = [from.byteOffset, output.byteOffset, FILL_MODES.indexOf(fill)];
      arena.run([output], (kernels) => kernels.moveImages(source, matrices.byteOffset, target, n, c, h, w, mode, -1));
      return { output: interior(output, shape) };
    },
    twin(shape, { x, matrix }) {
      const { values, slope } = twins.moved(x!, matrix!.subarray(0, 6), shape, fill);
      // A place in pixels is as exact as float32 is at the image's size; values may differ by the slope there.
      return { output: { values, bound: { of: slope, relative: rounding(16) * Math.max(shape.h, shape.w) } } };
    },
  };
}

function poolCase(borderedOutput: boolean, hasDropout: boolean): Case {
  return {
    perChannel: hasDropout ? { x: dense, random: quarter } : { x: dense },
    shared: { slope: 1, offset: 1 },
    run(arena, shape, { x, slope, offset, random }) {
      const { n, c, h, w } = shape;
      const small = pooledShape(shape);
      const [from, slopes, offsets] = [arena.put(x!), arena.put(slope!), arena.put(offset!)];
      const bytes = hasDropout ? arena.put(bytesOf(random!)).byteOffset : 0;
      const output = borderedOutput ? arena.bordered(small) : arena.float32(sizeOf(small));
      const places = arena.bytes(sizeOf(small));
      const { threshold, keepScale } = DROPOUT;
      const pointers = [from, slopes, offsets].map(({ byteOffset }) => byteOffset) as [number, number, number];
      const written = [output.byteOffset, places.byteOffset, borderedOutput] as const;
      arena.run([output, places], (kernels) =>
        kernels.normalizePool(...pointers, bytes, threshold, keepScale, ...written, n, c, h, w),
      );
      return { output: borderedOutput ? interior(output, small) : output, places };
    },
    twin(shape, { x, slope, offset, random }) {
      const bytes = hasDropout ? { bytes: bytesOf(random!) } : {};
      const normalized = twins.normalized(x!, slope!, offset!, shape);
      const { output, places } = twins.pooled(normalized, shape, { ...DROPOUT, ...bytes });
      return { output: { values: output }, places: { values: places } };
    },
  };
}

/** A row a kernel. */
export const CASES: Record<string, Case> = {
  depthwiseForward: {
    perChannel: { x: dense },
    shared: { weights: 9 },
    run(arena, shape, { x, weights }) {
      const { n, c, h, w } = shape;
      const [from, taps, output] = [arena.bordered(shape, x), arena.put(weights!), arena.float32(sizeOf(shape))];
      arena.run([output], (kernels) =>
        kernels.depthwiseForward(from.byteOffset, taps.byteOffset, output.byteOffset, n, c, h, w),
      );
      return { output };
    },
    twin(shape, { x, weights }) {
      const of = twins.depthwise(absolute(x!), absolute(weights!), shape);
      return { output: { values: twins.depthwise(x!, weights!, shape), bound: { of, relative: rounding(10) } } };
    },
  },
  depthwiseBackward: {
    perChannel: { x: dense, g: dense },
    shared: { weights: 9 },
    run(arena, shape, { x, g, weights }) {
      const { n, c, h, w } = shape;
      const pointers = [arena.bordered(shape, x), arena.put(g!), arena.put(weights!)].map((view) => view.byteOffset);
      const [input, gradient, taps] = pointers as [number, number, number];
      const [toInput, toWeights, toWeightsOnly] = [
        arena.float32(sizeOf(shape)),
        arena.float64(n * c * 9),
        arena.float64(n * c * 9),
      ];
      const scratch = arena.bordered({ ...shape, n: 1, c: 1 });
      const [all, only] = [toWeights.byteOffset, toWeightsOnly.byteOffset];
      arena.run([toInput, toWeights, scratch], (kernels) =>
        kernels.depthwiseBackward(input, gradient, taps, toInput.byteOffset, all, scratch.byteOffset, n, c, h, w),
      );
      interior(scratch, { ...shape, n: 1, c: 1 });
      arena.run([toWeightsOnly], (kernels) => kernels.depthwiseBackward(input, gradient, taps, 0, only, 0, n, c, h, w));
      assert.deepEqual(toWeightsOnly, toWeights);
      return { inputGradient: toInput, weightSums: toWeights };
    },
    twin(shape, { x, g, weights }) {
      const input = twins.depthwiseInputGradient(absolute(g!), absolute(weights!), shape);
      const weight = twins.depthwiseWeightGradient(absolute(x!), absolute(g!), shape);
      return {
        inputGradient: {
          values: twins.depthwiseInputGradient(g!, weights!, shape),
          bound: { of: input, relative: rounding(10) },
        },
        weightSums: {
          values: twins.depthwiseWeightGradient(x!, g!, shape),
          bound: { of: weight, relative: rounding(54) },
        },
      };
    },
  },
  ...Object.fromEntries(FILL_MODES.map((fill) => [`moveImages, ${fill}`, moveCase(fill)])),
  pointwiseForward: {
    perChannel: { x: dense },
    shared: { weights: OUTPUTS },
    run(arena, shape, { x, weights }) {
      const { n, c, h, w } = shape;
      const [from, mixing] = [arena.put(x!), arena.put(weights!)];
      const output = arena.float32(n * OUTPUTS * h * w);
      arena.run([output], (kernels) =>
        kernels.pointwiseForward(from.byteOffset, mixing.byteOffset, output.byteOffset, n, c, OUTPUTS, h * w),
      );
      return { output };
    },
    twin(shape, { x, weights }) {
      const of = twins.pointwise(absolute(x!), absolute(weights!), shape);
      return { output: { values: twins.pointwise(x!, weights!, shape), bound: { of, relative: rounding(6) } } };
    },
  },
  biasReluMoments: {
    perChannel: { x: dense },
    shared: { bias: 1 },
    run(arena, shape, { x, bias }) {
      const { n, c, h, w } = shape;
      const [output, shift, sums] = [arena.put(x!), arena.put(bias!), arena.float64(n * c * 2)];
      arena.run([output, sums], (kernels) =>
        kernels.biasReluMoments(output.byteOffset, shift.byteOffset, sums.byteOffset, n, c, h * w),
      );
      return { output, sums };
    },
    twin(shape, { x, bias }) {
      const values = twins.biasRelu(x!, bias!, shape);
      return { output: { values }, sums: sumsOf(shape, [(i) => values[i]!, (i) => values[i]! ** 2]) };
    },
  },
  backwardMoments: {
    perChannel: { g: dense, x: dense },
    run(arena, shape, { g, x }) {
      const { n, c, h, w } = shape;
      const [gradient, output, sums] = [arena.put(g!), arena.put(x!), arena.float64(n * c * 2)];
      arena.run([sums], (kernels) =>
        kernels.backwardMoments(gradient.byteOffset, output.byteOffset, sums.byteOffset, n, c, h * w),
      );
      return { sums };
    },
    twin: (shape, { g, x }) => ({ sums: sumsOf(shape, [(i) => g![i]!, (i) => g![i]! * x![i]!]) }),
  },
  normalizeReluBackward: {
    perChannel: { g: dense, x: dense },
    shared: { a: 1, b: 1, offset: 1 },
    run(arena, shape, { g, x, a, b, offset }) {
      const { n, c, h, w } = shape;
      const gradient = arena.put(g!);
      const biasSums = arena.float64(n * c);
      const [from, ...factors] = [x!, a!, b!, offset!].map((values) => arena.put(values).byteOffset);
      const [ofG, ofX, shift] = factors as [number, number, number];
      arena.run([gradient, biasSums], (kernels) =>
        kernels.normalizeReluBackward(gradient.byteOffset, from!, ofG, ofX, shift, biasSums.byteOffset, n, c, h * w),
      );
      return { gradient, biasSums };
    },
    twin(shape, { g, x, a, b, offset }) {
      const values = twins.reluBackward(g!, x!, [a!, b!, offset!], shape);
      return { gradient: { values }, biasSums: sumsOf(shape, [(i) => values[i]!]) };
    },
  },
  normalize: {
    perChannel: { x: dense },
    shared: { slope: 1, offset: 1 },
    run(arena, shape, { x, slope, offset }) {
      const { n, c, h, w } = shape;
      const [from, factor, shift] = [x!, slope!, offset!].map((values) => arena.put(values).byteOffset);
      const output = arena.bordered(shape);
      arena.run([output], (kernels) => kernels.normalize(from!, factor!, shift!, output.byteOffset, n, c, h, w));
      return { output: interior(output, shape) };
    },
    twin: (shape, { x, slope, offset }) => ({ output: { values: twins.normalized(x!, slope!, offset!, shape) } }),
  },
  "normalizePool, dense": poolCase(false, false),
  "normalizePool, dense, dropout": poolCase(false, true),
  "normalizePool, bordered": poolCase(true, false),
  "normalizePool, bordered, dropout": poolCase(true, true),
  poolBackward: {
    perChannel: { gradient: quarter, places: quarter },
    run(arena, shape, { gradient, places }) {
      const { n, c, h, w } = shape;
      const [from, at, output] = [arena.put(gradient!), arena.put(placesOf(places!)), arena.float32(sizeOf(shape))];
      arena.run([output], (kernels) =>
        kernels.poolBackward(from.byteOffset, at.byteOffset, DROPOUT.keepScale, output.byteOffset, n, c, h, w),
      );
      return { output };
    },
    twin: (shape, { gradient, places }) => ({
      output: { values: twins.unpooled(gradient!, placesOf(places!), DROPOUT.keepScale, shape) },
    }),
  },
  pooledMoments: {
    perChannel: { gradient: quarter, places: quarter, x: dense },
    run(arena, shape, { gradient, places, x }) {
      const { n, c, h, w } = shape;
      const [from, at, input] = [arena.put(gradient!), arena.put(placesOf(places!)), arena.put(x!)];
      const sums = arena.float64(n * c * 2);
      arena.run([sums], (kernels) => {
        const pointers = [
          from.byteOffset,
          at.byteOffset,
          DROPOUT.keepScale,
          input.byteOffset,
          sums.byteOffset,
        ] as const;
        kernels.pooledMoments(...pointers, n, c, h, w);
      });
      return { sums };
    },
    twin(shape, { gradient, places, x }) {
      const g = twins.unpooled(gradient!, placesOf(places!), DROPOUT.keepScale, shape);
      return { sums: sumsOf(shape, [(i) => g[i]!, (i) => g[i]! * x![i]!]) };
    },
  },
  "toBordered, clearBorders": {
    perChannel: { x: dense },
    run(arena, shape, { x }) {
      const { n, c, h, w } = shape;
      const [from, output] = [arena.put(x!), arena.float32(n * c * (h + 2) * (w + 2))];
      arena.run([output], (kernels) => {
        kernels.toBordered(from.byteOffset, output.byteOffset, n * c, h, w);
        kernels.clearBorders(output.byteOffset, n * c, h, w);
      });
      return { output: interior(output, shape) };
    },
    twin: (_, { x }) => ({ output: { values: x! } }),
  },
  addInto: {
    perChannel: { x: dense, g: dense },
    run(arena, shape, { x, g }) {
      const [target, source] = [arena.put(x!), arena.put(g!)];
      arena.run([target], (kernels) => kernels.addInto(target.byteOffset, source.byteOffset, sizeOf(shape)));
      return { target };
    },
    twin: (_, { x, g }) => ({ target: { values: x!.map((value, i) => value + g![i]!) } }),
  },
};
