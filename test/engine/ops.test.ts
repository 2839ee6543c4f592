/** Single operations against PyTorch and Pillow, forward and backward, and by hand where those have no counterpart. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { differentiate } from "../../src/engine/gradient/differentiate.ts";
import { Graph, type Value } from "../../src/engine/graph/graph.ts";
import { add, cast, clip, hardSigmoid, multiply, relu } from "../../src/engine/ops/arithmetic.ts";
import { batchNormalization, channelAffine, normalizeBatch } from "../../src/engine/ops/channels.ts";
import { logSoftmax, softmax } from "../../src/engine/ops/classification.ts";
import { convolution, matMul } from "../../src/engine/ops/linear.ts";
import { maxPool, maxUnpool } from "../../src/engine/ops/pooling.ts";
import { reduceMean, reduceSum, reduceSumSquare } from "../../src/engine/ops/reduction.ts";
import { gridSample, nearestResize } from "../../src/engine/ops/sampling.ts";
import { concatenate, crop, expand, pad, reshape, reverse } from "../../src/engine/ops/shaping.ts";
import { openGraph } from "../../src/engine/runtime/node/session.ts";
import { readGolden } from "../golden/reference.ts";
import { assertAllClose, evaluate, graphOf, tensor } from "./running.ts";

interface Numbers {
  readonly shape: number[];
  readonly values: number[];
}

interface GoldenOp {
  readonly name: string;
  readonly inputs: Record<string, Numbers>;
  readonly output: Numbers;
  readonly outputGradient: Numbers;
  readonly inputGradients: Record<string, Numbers>;
}

/** About 30 times the rounding of float32: the longest sums here have 75 terms. */
const TOLERANCE = 2e-6;

type Inputs = Record<string, Value>;

const normalize = ({ x, scale, offset }: Inputs) =>
  normalizeBatch(x!, { scale: scale!, offset: offset! }, 1e-3).normalized;

const groupedConvolution = ({ x, weight, bias }: Inputs) => convolution(x!, weight!, bias, { groups: 2 });

/** How each golden case is written with our operations. */
const OPS: Record<string, (inputs: Inputs) => Value> = {
  depthwiseConv3x3Same: ({ x, weight }) => convolution(x!, weight!, undefined, { groups: 3 }),
  // Ours pads, so that the size stays: the inner part is what PyTorch gives without padding.
  groupedConv3x3Valid: (inputs) => crop(crop(groupedConvolution(inputs), 2, 1, 1), 3, 1, 1),
  pointwiseConv: ({ x, weight, bias }) => convolution(x!, weight!, bias, { groups: 1 }),
  linear: ({ x, weight, bias }) => add(matMul(x!, weight!), bias!),
  relu: ({ x }) => relu(x!),
  maxPool2: ({ x }) => maxPool(x!, 2).values,
  maxPool2Ties: ({ x }) => maxPool(x!, 2).values,
  batchNormTraining2d: normalize,
  batchNormTraining1d: normalize,
  softmax: ({ x }) => softmax(x!),
  logSoftmax: ({ x }) => logSoftmax(x!),
};

const goldenOps = readGolden<{ cases: GoldenOp[] }>("ops").cases;

const tensorsOf = ({ inputs }: GoldenOp) =>
  Object.fromEntries(Object.entries(inputs).map(([name, { shape, values }]) => [name, tensor(shape, values)]));

const sumOf = (x: Value): Value =>
  reduceSum(
    x,
    x.shape.map((_, axis) => axis),
  );

test("every golden operation has a row here", () => {
  assert.deepEqual(
    goldenOps.map(({ name }) => name),
    Object.keys(OPS),
  );
});

for (const golden of goldenOps) {
  test(`${golden.name} gives PyTorch's result`, async () => {
    const feeds = tensorsOf(golden);
    const { inputs } = graphOf(feeds);
    const y = OPS[golden.name]!(inputs);
    assert.deepEqual(y.shape, golden.output.shape);
    assertAllClose((await evaluate({ y }, feeds)).y, golden.output.values, TOLERANCE, "output");
  });

  if (golden.name === "groupedConv3x3Valid") continue; // Groups of several channels have no gradient: see below.
  test(`${golden.name} gives PyTorch's gradients`, async () => {
    const feeds = tensorsOf(golden);
    const { graph, inputs } = graphOf(feeds);
    const { shape, values } = golden.outputGradient;
    const loss = sumOf(multiply(OPS[golden.name]!(inputs), graph.constant(Float32Array.from(values), shape)));
    const names = Object.keys(inputs);
    const gradients = differentiate(loss, Object.values(inputs));
    const results = await evaluate(Object.fromEntries(names.map((name, i) => [`by ${name}`, gradients[i]!])), feeds);
    for (const name of names) {
      assertAllClose(results[`by ${name}`]!, golden.inputGradients[name]!.values, TOLERANCE, `gradient by ${name}`);
    }
  });
}

test("the gradient of a convolution with groups of several channels is refused", async () => {
  const feeds = tensorsOf(goldenOps.find(({ name }) => name === "groupedConv3x3Valid")!);
  const { inputs } = graphOf(feeds);
  const [gradient] = differentiate(sumOf(groupedConvolution(inputs)), [inputs.x!]);
  await assert.rejects(evaluate({ gradient: gradient! }, feeds), {
    message: "Grouped convolutions are supported with one channel per group.",
  });
});

test("batch normalization gives the batch's mean and its biased variance", async () => {
  const feeds = {
    x: tensor([2, 2, 1, 2], [1, 3, 10, 10, 5, 7, 10, 14]),
    s: tensor([2], [1, 1]),
    o: tensor([2], [0, 0]),
  };
  const { inputs } = graphOf(feeds);
  const { mean, variance } = normalizeBatch(inputs.x, { scale: inputs.s, offset: inputs.o }, 1e-3);
  const results = await evaluate({ mean, variance }, feeds);
  assert.deepEqual(results, { mean: [4, 11], variance: [5, 3] });
});

test("a batch normalization changes no constant, and a batch that is no number leaves nothing behind", async () => {
  for (const channels of [2, 16]) {
    const each = Array.from({ length: channels }, () => 1);
    const zero = each.map(() => 0);
    const feeds = {
      x: tensor([2, channels], [...each, ...each.map(() => 3)]),
      s: tensor([channels], each),
      o: tensor([channels], zero),
    };
    const { graph, inputs } = graphOf(feeds);
    const zeros = graph.constant(Float32Array.from(zero), [channels]);
    const ones = graph.constant(Float32Array.from(each), [channels]);
    const { mean, variance } = normalizeBatch(inputs.x, { scale: inputs.s, offset: inputs.o }, 1e-3);
    graph.output(
      "fixed",
      batchNormalization(inputs.x, { scale: ones, offset: zeros }, { mean: zeros, variance: ones }, 0),
    );
    graph.output("affine", channelAffine(inputs.x, ones, zeros));
    graph.output("twiceMean", add(mean, mean));
    graph.output("twiceVariance", add(variance, variance));
    const session = await openGraph(graph, { threads: 1 });
    const run = async (x: Float32Array) => (await session.run({ ...feeds, x: { data: x, shape: [2, channels] } }))!;
    await run(new Float32Array(2 * channels).fill(Number.NaN));
    const results = await run(feeds.x.data as Float32Array);
    assert.deepEqual(results.fixed!.data, feeds.x.data);
    assert.deepEqual(results.affine!.data, feeds.x.data);
    assert.deepEqual(
      Array.from(results.twiceMean!.data as Float32Array),
      each.map(() => 4),
    );
    assert.deepEqual(
      Array.from(results.twiceVariance!.data as Float32Array),
      each.map(() => 2),
    );
    await session.close();
  }
});

test("softmax and its logarithm stay finite for large logits", async () => {
  const feeds = { x: tensor([3, 3], [1000, -1000, 0, 88, 89, 90, -1e30, -1e30, -1e30]) };
  const { inputs } = graphOf(feeds);
  const logs = logSoftmax(inputs.x);
  const [gradient] = differentiate(sumOf(logs), [inputs.x]);
  const results = await evaluate({ logs, shares: softmax(inputs.x), gradient: gradient! }, feeds);
  const tail = Math.log(1 + Math.exp(-1) + Math.exp(-2));
  const third = -Math.log(3);
  assertAllClose(results.logs, [0, -2000, -1000, -2 - tail, -1 - tail, -tail, third, third, third], 1e-6, "logs");
  const shares = [1, 0, 0, Math.exp(-2 - tail), Math.exp(-1 - tail), Math.exp(-tail), 1 / 3, 1 / 3, 1 / 3];
  assertAllClose(results.shares, shares, 1e-6, "shares");
  assertAllClose(
    results.gradient,
    shares.map((share) => 1 - 3 * share),
    1e-6,
    "gradient",
  );
});

test("the operations without a PyTorch case give what is computed by hand", async () => {
  const feeds = { x: tensor([2, 3], [1, -2, 3, -4, 5, -6]), statistic: tensor([3], [1, 2, 4]) };
  const { graph, inputs } = graphOf(feeds);
  const { x, statistic } = inputs;
  const { values, indices } = maxPool(reshape(x, [1, 1, 2, 3]), 2);
  const results = await evaluate(
    {
      cropped: crop(x, 1, 1, 0),
      reversed: reverse(x, 1),
      padded: pad(x, [1, 0], [0, 1]),
      cutOff: pad(x, [0, -1], [0, 1]),
      joined: concatenate([x, x], 1),
      expanded: expand(reshape(statistic, [1, 3]), [2, 3]),
      squares: reduceSumSquare(x, [1]),
      means: reduceMean(x, [0], true),
      clipped: clip(x, -2.5, 3.5),
      ramp: hardSigmoid(x, 0.25, 0.5),
      asBytes: cast(relu(x), "uint8"),
      pooled: values,
      unpooled: maxUnpool(values, indices, reshape(x, [1, 1, 2, 3]), 2),
      affine: channelAffine(x, statistic, statistic),
      normalized: batchNormalization(
        x,
        { scale: statistic, offset: graph.constant(new Float32Array(3), [3]) },
        { mean: statistic, variance: statistic },
        0,
      ),
    },
    feeds,
  );
  const root = Math.SQRT2;
  assertAllClose(results.normalized, [0, -4 * root, -2, -5, 3 * root, -20], 1e-6, "normalized");
  assert.deepEqual(
    { ...results, normalized: undefined },
    {
      cropped: [-2, 3, 5, -6],
      reversed: [3, -2, 1, -6, 5, -4],
      padded: [0, 0, 0, 0, 1, -2, 3, 0, -4, 5, -6, 0],
      cutOff: [-2, 3, 0, 5, -6, 0],
      joined: [1, -2, 3, 1, -2, 3, -4, 5, -6, -4, 5, -6],
      expanded: [1, 2, 4, 1, 2, 4],
      squares: [14, 77],
      means: [-1.5, 1.5, -1.5],
      clipped: [1, -2, 3, -2.5, 3.5, -2.5],
      ramp: [0.75, 0, 1, 0, 1, 0],
      asBytes: [1, 0, 3, 0, 5, 0],
      pooled: [5],
      unpooled: [0, 0, 0, 0, 5, 0],
      affine: [2, -2, 16, -3, 12, -20],
      normalized: undefined,
    },
  );
});

interface GoldenResize {
  readonly columns: { from: number; to: number; sources: number[] }[];
  readonly pictures: { from: [number, number]; to: [number, number]; data: number[] }[];
}

/** The nearest-neighbour resize of an image [1, height, width, channels] whose size is only known at the run. */
async function resized(data: Uint8Array, from: [number, number], to: [number, number], channels: number) {
  const graph = new Graph();
  graph.output("y", nearestResize(graph.input("x", "uint8", ["batch", "height", "width", channels]), to[0], to[1]));
  const session = await openGraph(graph, { threads: 1 });
  const { y } = await session.run({ x: { data, shape: [1, ...from, channels] } });
  await session.close();
  return Array.from(y!.data, Number);
}

const goldenResize = readGolden<GoldenResize>("resize");

for (const { from, to, sources } of goldenResize.columns) {
  test(`nearest-neighbour resizing from ${from} to ${to} takes Pillow's pixels, across and down`, async () => {
    const ramp = Uint8Array.from({ length: from }, (_, index) => index);
    const across = await resized(ramp, [1, from], [1, to], 1);
    assert.deepEqual(await resized(ramp, [from, 1], [to, 1], 1), across);
    for (const [index, source] of sources.entries()) {
      const [place, step] = [(2 * index + 1) * from, 2 * to];
      assert.equal(across[index], Math.floor(place / step), `pixel ${index} by the formula`);
      // On the border of two pixels both are as near, and Pillow's rounding decides.
      if (place % step !== 0) assert.equal(across[index], source, `pixel ${index} by Pillow`);
      else
        assert.ok(source === across[index] || source === across[index]! - 1, `pixel ${index} by Pillow, on a border`);
    }
  });
}

for (const { from, to, data } of goldenResize.pictures) {
  test(`a picture of ${from.join(" x ")} resized to ${to.join(" x ")} is Pillow's`, async () => {
    const [width, height] = from;
    const image = Uint8Array.from({ length: height * width * 3 }, (_, index) => {
      const [x, y] = [Math.floor(index / 3) % width, Math.floor(index / 3 / width)];
      return [x, y, (x * y) % 256][index % 3]!;
    });
    assert.deepEqual(await resized(image, [height, width], [to[1], to[0]], 3), data);
  });
}

test("operations refuse shapes and types that do not fit, in a sentence", () => {
  const graph = new Graph();
  const image = graph.input("image", "float32", [2, 3, 4, 4]);
  const of = (...shape: (number | string)[]) => graph.input(`input ${graph.inputs.length}`, "float32", shape);
  const refusals: [() => Value, string][] = [
    [() => add(of(2, 3), of(4)), "Shapes [2, 3] and [4] do not fit together."],
    [() => add(of(2), cast(of(2), "uint8")), "Add: float32 and uint8 do not fit together."],
    [() => matMul(of(2, 3), of(4, 5)), "MatMul: [2, 3] and [4, 5] do not fit together."],
    [() => matMul(of(3), of(3, 5)), "MatMul: [3] and [3, 5] do not fit together."],
    [() => reshape(of(2, 3), [4]), "Reshape: [2, 3] has another number of elements than [4]."],
    [
      () => reshape(of("batch", 3), [6]),
      'The dimension "batch" must be a number here: build the graph with a fixed one.',
    ],
    [
      () => convolution(image, of(5, 2, 3, 3), undefined, { groups: 1 }),
      "Conv: the weight [5, 2, 3, 3] does not fit the image [2, 3, 4, 4].",
    ],
    [
      () => convolution(image, of(5, 3, 2, 3), undefined, { groups: 1 }),
      "Conv: the kernel size must be odd, but is 2.",
    ],
    [() => channelAffine(image, of(4), of(4)), "ChannelAffine: [4] does not fit the channels of [2, 3, 4, 4]."],
    [() => gridSample(image, of(1, 4, 4, 2)), "GridSample: the grid [1, 4, 4, 2] does not fit the image [2, 3, 4, 4]."],
  ];
  for (const [attempt, message] of refusals) assert.throws(attempt, { message });
});
