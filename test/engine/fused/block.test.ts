/** The fused kernels together: a block's forward and backward pass against PyTorch's values, and properties of single kernels. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadKernels } from "../../../src/engine/fused/kernels.ts";
import { RandomStream } from "../../../src/system/random.ts";
import { Arena, interior } from "./arena.ts";

/**
 * Depthwise convolution, bias, ReLU, batch normalization and max pooling on numbers from sines, and the gradients of
 * sum(pooled * g), by PyTorch 1.13 in float64:
 *
 *     n, c, h, w = 2, 2, 5, 6
 *     f = lambda k, m, scale: (torch.sin(torch.arange(k).double() * m + 0.3) * scale).float().double()
 *     x = f(n * c * h * w, 1.3, 1).reshape(n, c, h, w).requires_grad_()
 *     k = f(c * 9, 0.9, 0.5).reshape(c, 1, 3, 3).requires_grad_()
 *     bias, gamma, beta = (torch.tensor(v, dtype=torch.float64).requires_grad_() for v in BLOCK's)
 *     g = f(n * c * 2 * 3, 2.1, 1).reshape(n, c, 2, 3)
 *     y = torch.relu(torch.conv2d(x, k, padding=1, groups=c) + bias.view(1, c, 1, 1))
 *     z = torch.nn.functional.batch_norm(y, None, None, gamma, beta, training=True, eps=1e-3)
 *     pooled = torch.max_pool2d(z, 2)
 */
const BLOCK = { n: 2, c: 2, h: 5, w: 6, epsilon: 1e-3, bias: [0.125, 0.5], gamma: [1.5, -0.75], beta: [0.25, 0.5] };
const PYTORCH = {
  pooled: [
    2.09927, 2.939627, 1.249803, 2.219658, -0.0677651, 3.168585, 1.260089, 1.260089, 1.260089, 0.9033661, 1.260089,
    1.260089, 2.941282, 1.244191, 2.615206, -0.06108518, 3.16946, 1.600094, 0.747051, 1.260089, 1.260089, 1.260089,
    1.260089, 1.260089,
  ],
  weightGradient: [
    -4.218803, 0.9169276, 4.710487, 3.377201, 2.395915, -2.127977, 1.897946, -2.559591, -3.276985, 0.4682189,
    0.01981253, -0.4533693, -0.1103995, -0.08965039, 0.1757617, -0.4392282, 0.2106503, 0.1079772,
  ],
  biasGradient: [1.125903, -0.712392],
  gammaGradient: [-0.999106, 0.4544906],
  betaGradient: [-0.0249474, -0.02393642],
  /** Of the second image's second channel. */
  inputGradient: [
    0.1232646, -0.08891907, -5.159436e-5, 0.006172724, 0.007610891, 0.0005982236, -0.198538, -0.01306423, 0.007623283,
    0.001858904, -0.01385896, -0.009987694, 0.002430505, 0.005341729, 0.004530014, -0.0138889, 0.001410308, 0.01062231,
    0.009204857, -0.00354313, -0.01146618, 0.01381411, 0.01219965, -0.001300394, -0.01224539, -0.001836017, 0.01263686,
    0.001342236, -0.006060186, -0.002023468,
  ],
};

const arena = new Arena();

test("a block forward and backward gives PyTorch's values", () => {
  arena.clear();
  const { n, c, h, w } = BLOCK;
  const sines = (length: number, step: number, scale: number): Float32Array =>
    Float32Array.from({ length }, (_, i) => Math.sin(i * step + 0.3) * scale);
  const x = arena.bordered(BLOCK, sines(n * c * h * w, 1.3, 1));
  const weights = arena.put(sines(c * 9, 0.9, 0.5));
  const bias = arena.put(Float32Array.from(BLOCK.bias));
  const [y, moments] = [arena.float32(n * c * h * w), arena.float64(n * c * 2)];
  arena.run([y, moments], (kernels) => {
    kernels.depthwiseForward(x.byteOffset, weights.byteOffset, y.byteOffset, n, c, h, w);
    kernels.biasReluMoments(y.byteOffset, bias.byteOffset, moments.byteOffset, n, c, h * w);
  });

  const channels = [0, 1].map((channel) => {
    const [sum, squares] = overImages(moments, channel);
    const mean = sum / (n * h * w);
    const inverse = 1 / Math.sqrt(squares / (n * h * w) - mean * mean + BLOCK.epsilon);
    const slope = BLOCK.gamma[channel]! * inverse;
    return { mean, inverse, slope, offset: BLOCK.beta[channel]! - slope * mean };
  });
  const [slope, offset] = [column(channels, "slope"), column(channels, "offset")];
  const [pooled, places] = [arena.float32(n * c * 6), arena.bytes(n * c * 6)];
  const [g, gradient, sums] = [
    arena.put(sines(n * c * 6, 2.1, 1)),
    arena.float32(n * c * h * w),
    arena.float64(n * c * 2),
  ];
  arena.run([pooled, places, gradient, sums], (kernels) => {
    const { byteOffset: output } = pooled;
    kernels.normalizePool(y.byteOffset, slope, offset, 0, 0, 1, output, places.byteOffset, false, n, c, h, w);
    kernels.poolBackward(g.byteOffset, places.byteOffset, 1, gradient.byteOffset, n, c, h, w);
    kernels.backwardMoments(gradient.byteOffset, y.byteOffset, sums.byteOffset, n, c, h * w);
  });
  assertClose(pooled, PYTORCH.pooled);

  const backward = channels.map(({ mean, inverse, slope }, channel) => {
    const [beta, products] = overImages(sums, channel);
    const gamma = (products - mean * beta) * inverse;
    const b = (-slope * gamma * inverse) / (n * h * w);
    return { beta, gamma, a: slope, b, offset: (-slope * beta) / (n * h * w) - b * mean };
  });
  assertClose(
    backward.map(({ beta }) => beta),
    PYTORCH.betaGradient,
  );
  assertClose(
    backward.map(({ gamma }) => gamma),
    PYTORCH.gammaGradient,
  );
  const [a, b, shift] = [column(backward, "a"), column(backward, "b"), column(backward, "offset")];
  const [biasSums, toInput, toWeights] = [arena.float64(n * c), arena.float32(n * c * h * w), arena.float64(n * c * 9)];
  const scratch = arena.bordered({ n: 1, c: 1, h, w });
  arena.run([gradient, biasSums, toInput, toWeights, scratch], (kernels) => {
    const { byteOffset: of } = gradient;
    const outputs = [toInput.byteOffset, toWeights.byteOffset, scratch.byteOffset] as const;
    kernels.normalizeReluBackward(of, y.byteOffset, a, b, shift, biasSums.byteOffset, n, c, h * w);
    kernels.depthwiseBackward(x.byteOffset, of, weights.byteOffset, ...outputs, n, c, h, w);
  });
  assertClose([biasSums[0]! + biasSums[2]!, biasSums[1]! + biasSums[3]!], PYTORCH.biasGradient);
  assertClose(
    toWeights.subarray(0, 18).map((value, i) => value + toWeights[18 + i]!),
    PYTORCH.weightGradient,
  );
  assertClose(toInput.subarray(3 * h * w), PYTORCH.inputGradient);
});

/** Both images' sums of a channel. */
function overImages(sums: Float64Array, channel: number): [number, number] {
  return [sums[2 * channel]! + sums[2 * channel + 4]!, sums[2 * channel + 1]! + sums[2 * channel + 5]!];
}

/** One value by channel, in the kernels' memory. */
function column<K extends string>(rows: readonly Record<K, number>[], key: K): number {
  return arena.put(Float32Array.from(rows, (row) => row[key])).byteOffset;
}

function assertClose(found: ArrayLike<number>, expected: readonly number[]): void {
  assert.equal(found.length, expected.length);
  expected.forEach((value, i) => {
    assert.ok(Math.abs(found[i]! - value) < 3e-6, `[${i}] is ${found[i]}, PyTorch has ${value}`);
  });
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

test("the convolution's gradients are its adjoints: <forward(x), g> = <x, toInput> = <weights, toWeights>", () => {
  for (const [h, w] of [
    [1, 1],
    [1, 9],
    [7, 5],
    [12, 12],
    [50, 51],
  ] as const) {
    arena.clear();
    const random = new RandomStream(2, h, w);
    const numbers = (length: number): Float32Array => Float32Array.from({ length }, () => random.normal());
    const shape = { n: 1, c: 1, h, w };
    const [values, g, weights] = [numbers(h * w), arena.put(numbers(h * w)), arena.put(numbers(9))];
    const x = arena.bordered(shape, values);
    const [y, toInput, toWeights] = [arena.float32(h * w), arena.float32(h * w), arena.float64(9)];
    const scratch = arena.bordered(shape);
    const outputs = [toInput.byteOffset, toWeights.byteOffset, scratch.byteOffset] as const;
    arena.run([y, toInput, toWeights, scratch], (kernels) => {
      kernels.depthwiseForward(x.byteOffset, weights.byteOffset, y.byteOffset, 1, 1, h, w);
      kernels.depthwiseBackward(x.byteOffset, g.byteOffset, weights.byteOffset, ...outputs, 1, 1, h, w);
    });
    const [forward, byInput, byWeights] = [dot(y, g), dot(values, toInput), dot(weights, toWeights)];
    const size = Math.sqrt(dot(y, y) * dot(g, g));
    assert.ok(Math.abs(forward - byInput) < 1e-6 * size, `${h} x ${w}: ${forward} and ${byInput}`);
    assert.ok(Math.abs(forward - byWeights) < 1e-6 * size, `${h} x ${w}: ${forward} and ${byWeights}`);
  }
});

test("sums stay exact to 1e-7 where the mean is a thousand times the deviation", () => {
  arena.clear();
  const random = new RandomStream(3, "sums");
  const x = arena.put(Float32Array.from({ length: 48 * 48 }, () => 1000 + random.normal()));
  const [bias, sums] = [arena.put(new Float32Array(1)), arena.float64(2)];
  arena.run([x, sums], (kernels) =>
    kernels.biasReluMoments(x.byteOffset, bias.byteOffset, sums.byteOffset, 1, 1, 48 * 48),
  );
  const ones = new Float32Array(x.length).fill(1);
  assert.ok(Math.abs(sums[0]! / dot(x, ones) - 1) < 1e-7);
  assert.ok(Math.abs(sums[1]! / dot(x, x) - 1) < 1e-7);
});

test("NaN passes through ReLU, in vectors and in what is left over", () => {
  arena.clear();
  const x = arena.put(Float32Array.from({ length: 11 }, (_, i) => (i === 3 || i === 9 ? Number.NaN : i - 5)));
  const [bias, sums] = [arena.put(Float32Array.of(0.5)), arena.float64(2)];
  arena.run([x, sums], (kernels) => kernels.biasReluMoments(x.byteOffset, bias.byteOffset, sums.byteOffset, 1, 1, 11));
  assert.deepEqual([...x], [0, 0, 0, Number.NaN, 0, 0.5, 1.5, 2.5, 3.5, Number.NaN, 5.5]);
  assert.ok(Number.isNaN(sums[0]) && Number.isNaN(sums[1]));
});

test("pooling takes the first of equals, and drops nothing below threshold 0 and all below 256", () => {
  for (const width of [6, 12]) {
    const half = width / 2;
    arena.clear();
    const x = arena.put(new Float32Array(2 * width).fill(7)).byteOffset;
    const [slope, offset] = [arena.put(Float32Array.of(-1)).byteOffset, arena.put(Float32Array.of(1)).byteOffset];
    const random = arena.put(Uint8Array.from({ length: half }, (_, i) => (i * 255) / (half - 1)));
    const [output, places] = [arena.float32(half), arena.bytes(half)];
    for (const [threshold, value, place] of [
      [0, -12, 0],
      [256, 0, 4],
    ] as const) {
      const { byteOffset: to } = output;
      arena.run([output, places], (kernels) => {
        const written = [to, places.byteOffset, false] as const;
        kernels.normalizePool(x, slope, offset, random.byteOffset, threshold, 2, ...written, 1, 1, 2, width);
      });
      assert.deepEqual(output, new Float32Array(half).fill(value));
      assert.deepEqual(places, new Uint8Array(half).fill(place));
    }
  }
});

test("borders are cleared without touching what lies within", () => {
  arena.clear();
  const shape = { n: 2, c: 1, h: 2, w: 3 };
  const planes = arena.put(Float32Array.from({ length: 2 * 4 * 5 }, (_, i) => i + 1));
  arena.run([planes], (kernels) => kernels.clearBorders(planes.byteOffset, 2, 2, 3));
  assert.deepEqual([...interior(planes, shape)], [7, 8, 9, 12, 13, 14, 27, 28, 29, 32, 33, 34]);
});

test("the memory holds at least the bytes asked for, and begins as zeros", () => {
  const { memory } = loadKernels(70_000);
  assert.equal(memory.byteLength, 131_072);
  assert.ok(new Uint8Array(memory).every((byte) => byte === 0));
});
