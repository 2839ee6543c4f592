/** Every gradient rule against a central difference of the operation itself, and the walk that applies the rules. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { differentiate } from "../../src/engine/gradient/differentiate.ts";
import { GRADIENT_RULES, type Rule } from "../../src/engine/gradient/rules.ts";
import type { Value } from "../../src/engine/graph/graph.ts";
import type { OpName } from "../../src/engine/graph/op_names.ts";
import { fixedSize, shapeText } from "../../src/engine/graph/shape.ts";
import {
  add,
  cast,
  divide,
  exponential,
  identity,
  logarithm,
  multiply,
  relu,
  scale,
  squareRoot,
  subtract,
} from "../../src/engine/ops/arithmetic.ts";
import { batchNormalization, channelAffine, normalizeBatch } from "../../src/engine/ops/channels.ts";
import { logSoftmax, softmax } from "../../src/engine/ops/classification.ts";
import { convolution, matMul } from "../../src/engine/ops/linear.ts";
import { maxPool } from "../../src/engine/ops/pooling.ts";
import { reduceMean, reduceSum } from "../../src/engine/ops/reduction.ts";
import { expand, flatten, reshape, transpose } from "../../src/engine/ops/shaping.ts";
import { openGraph } from "../../src/engine/runtime/node/session.ts";
import type { NamedTensor, Session } from "../../src/engine/runtime/session.ts";
import { RandomStream } from "../../src/system/random.ts";
import { assertAllClose, distinct, evaluate, graphOf, tensor } from "./running.ts";

type DifferentiableOp = { [op in OpName]: (typeof GRADIENT_RULES)[op] extends Rule ? op : never }[OpName];

interface Example {
  readonly shapes: readonly (readonly number[])[];
  /** The middle of each input's numbers, which lie up to 2 away from it; 0 if left out. */
  readonly centres?: readonly number[];
  /** What sets the example apart from others of the same shapes. */
  readonly note?: string;
  apply(...x: Value[]): Value;
}

const example = (apply: Example["apply"], shapes: Example["shapes"], more: Partial<Example> = {}): Example => ({
  apply,
  shapes,
  ...more,
});

/** The operation with inputs that broadcast in every way. */
const broadcasts = (apply: Example["apply"], centres: number[] = []): Example[] =>
  [
    [
      [3, 5],
      [3, 5],
    ],
    [[2, 3, 5], []],
    [[4], [3, 4]],
    [
      [2, 1, 5],
      [3, 1],
    ],
    [
      [1, 1],
      [1, 7],
    ],
  ].map((shapes) => example(apply, shapes, { centres }));

const convolve = (x: Value, weight: Value, bias?: Value): Value =>
  convolution(x, weight, bias, { groups: fixedSize(x.shape[1]!) / fixedSize(weight.shape[1]!) });

/** Sizes up to 100, so that no difference steps over a kink or a tie. */
const EXAMPLES: { readonly [op in DifferentiableOp]: readonly Example[] } = {
  Add: broadcasts(add),
  Sub: broadcasts(subtract),
  Mul: broadcasts(multiply),
  Div: broadcasts(divide, [0, 3]),
  Sqrt: [example(squareRoot, [[3, 5]], { centres: [3] })],
  Exp: [example(exponential, [[3, 5]])],
  Log: [example(logarithm, [[3, 5]], { centres: [3] })],
  Relu: [example(relu, [[3, 7]]), example(relu, [[1, 3, 5, 6]])],
  Identity: [example(identity, [[3, 5]]), example(identity, [[]])],
  MatMul: [
    example(matMul, [
      [3, 4],
      [4, 5],
    ]),
    example(matMul, [
      [1, 7],
      [7, 1],
    ]),
    example(matMul, [
      [2, 3, 4],
      [4, 5],
    ]),
    example(matMul, [
      [4, 5],
      [3, 5, 2],
    ]),
    example(matMul, [
      [2, 1, 3, 4],
      [5, 4, 2],
    ]),
  ],
  Transpose: [
    example((x) => transpose(x, [1, 0]), [[3, 5]]),
    example((x) => transpose(x, [2, 0, 3, 1]), [[2, 3, 4, 5]], { note: "not its own inverse" }),
  ],
  Reshape: [example((x) => reshape(x, [5, 6]), [[2, 3, 5]]), example((x) => reshape(x, []), [[1, 1]])],
  Flatten: [example(flatten, [[2, 3, 2, 3]]), example(flatten, [[1, 3, 5, 1]])],
  Expand: [
    example((x) => expand(x, [3, 5]), [[1, 5]]),
    example((x) => expand(x, [2, 3, 4]), [[3, 1]]),
    example((x) => expand(x, [2, 3]), [[]]),
  ],
  ReduceSum: [
    example((x) => reduceSum(x, [0]), [[3, 5]]),
    example((x) => reduceSum(x, [0, 2, 3], true), [[2, 3, 2, 5]]),
    example((x) => reduceSum(x, [0, 1]), [[3, 5]]),
  ],
  ReduceMean: [
    example((x) => reduceMean(x, [2, 3]), [[2, 3, 3, 5]]),
    example((x) => reduceMean(x, [1], true), [[3, 5]]),
    example((x) => reduceMean(x, [0]), [[1, 5]]),
  ],
  Conv: [
    example(convolve, [[2, 3, 3, 5], [4, 3, 1, 1], [4]], { note: "1x1 with bias" }),
    example(convolve, [
      [1, 5, 2, 3],
      [2, 5, 1, 1],
    ]),
    example(convolve, [[2, 3, 5, 4], [4, 3, 3, 3], [4]], { note: "3x3 with bias" }),
    example(convolve, [
      [1, 2, 3, 6],
      [3, 2, 3, 5],
    ]),
    example(convolve, [
      [2, 3, 5, 7],
      [3, 1, 3, 3],
    ]),
    example(convolve, [
      [1, 2, 6, 5],
      [2, 1, 5, 5],
    ]),
    example(convolve, [[2, 4, 4, 3], [4, 1, 3, 3], [4]], { note: "depthwise with bias" }),
    example(
      convolve,
      [
        [2, 2, 2, 3],
        [2, 1, 5, 5],
      ],
      { note: "the kernel is larger than the image" },
    ),
    example(
      convolve,
      [
        [3, 2, 1, 1],
        [2, 1, 3, 3],
      ],
      { note: "an image of one pixel" },
    ),
    example(convolve, [
      [2, 3, 4, 5],
      [3, 1, 1, 3],
    ]),
    example(
      convolve,
      [
        [2, 3, 3, 4],
        [3, 1, 1, 1],
      ],
      { note: "depthwise 1x1" },
    ),
    example(convolve, [
      [2, 1, 4, 3],
      [3, 1, 3, 3],
    ]),
  ],
  MaxPool: [
    example((x) => maxPool(x, 2).values, [[2, 2, 4, 6]]),
    example((x) => maxPool(x, 2).values, [[1, 2, 5, 7]]),
    example((x) => maxPool(x, 3).values, [[1, 1, 8, 10]]),
  ],
  LogSoftmax: [example(logSoftmax, [[4, 3]]), example(logSoftmax, [[1, 2]])],
  Softmax: [example(softmax, [[4, 3]]), example(softmax, [[2, 3, 2]])],
  NormalizeBatch: [
    example(normalize, [[5, 6], [6], [6]]),
    example(normalize, [[3, 2, 3, 5], [2], [2]]),
    example(normalize, [[1, 3, 4, 3], [3], [3]]),
  ],
  BatchNormalization: [
    example(normalizeFixed, [[5, 6], [6], [6], [6], [6]], { centres: [0, 0, 0, 0, 3] }),
    example(normalizeFixed, [[3, 2, 3, 5], [2], [2], [2], [2]], { centres: [0, 0, 0, 0, 3] }),
    example((x) => normalizeFixed(x, ...constantsOf(x, [0.5, -1, 2, 3])), [[2, 3, 4, 3]], { note: "of x alone" }),
  ],
  ChannelAffine: [
    example(channelAffine, [[5, 3], [3], [3]]),
    example(channelAffine, [[2, 3, 3, 4], [3], [3]]),
    example(channelAffine, [[1, 2, 1, 3], [2], [2]]),
  ],
};

function normalize(x: Value, factor: Value, offset: Value): Value {
  return normalizeBatch(x, { scale: factor, offset }, 1e-3).normalized;
}

function normalizeFixed(x: Value, ...[factor, offset, mean, variance]: Value[]): Value {
  return batchNormalization(x, { scale: factor!, offset: offset! }, { mean: mean!, variance: variance! }, 1e-3);
}

/** For each number a constant that has it in every channel of x. */
function constantsOf(x: Value, numbers: readonly number[]): Value[] {
  const channels = fixedSize(x.shape[1]!);
  return numbers.map((number) => x.graph.constant(new Float32Array(channels).fill(number), [channels]));
}

const STEP = 2 ** -7;
/** Of the largest element: room for the difference's cubic error and for float32's rounding, divided by the step. */
const TOLERANCE = 1e-3;

const sumOf = (x: Value): Value =>
  reduceSum(
    x,
    x.shape.map((_, axis) => axis),
  );

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, index) => sum + value * b[index]!, 0);

/** The change of sum(y * weights) with each element of the input `name`, summed in double precision. */
async function differences(
  session: Session,
  feeds: Record<string, NamedTensor>,
  name: string,
  weights: ArrayLike<number>,
): Promise<number[]> {
  const { data, shape } = feeds[name]!;
  const slopes: number[] = [];
  for (const index of data.keys()) {
    const [above, below] = [Float32Array.from(data as Float32Array), Float32Array.from(data as Float32Array)];
    above[index]! += STEP;
    below[index]! -= STEP;
    const y = [];
    for (const moved of [above, below]) {
      y.push((await session.run({ ...feeds, [name]: { data: moved, shape } })).y!.data as Float32Array);
    }
    slopes.push((dot(y[0]!, weights) - dot(y[1]!, weights)) / (above[index]! - below[index]!));
  }
  return slopes;
}

async function checkExample(op: OpName, { shapes, centres, apply }: Example, index: number): Promise<void> {
  const random = new RandomStream(1, op, index);
  const feeds = Object.fromEntries(shapes.map((shape, i) => [`x${i}`, distinct(shape, random, centres?.[i])]));
  const { graph, inputs } = graphOf(feeds);
  const y = apply(...Object.values(inputs));
  const weights = distinct(y.shape as number[], random);
  const loss = sumOf(multiply(y, graph.constant(weights.data as Float32Array, weights.shape)));
  const names = Object.keys(feeds);
  graph.output("y", y);
  for (const [i, gradient] of differentiate(loss, Object.values(inputs)).entries()) {
    assert.deepEqual(gradient.shape, shapes[i], `the gradient by input ${i} has its shape`);
    graph.output(`gradient of ${names[i]}`, gradient);
  }
  assert.ok(
    graph.nodes.some((node) => node.op === op),
    `the example of ${op} holds the operation`,
  );
  const session = await openGraph(graph, { threads: 1 });
  const results = await session.run(feeds);
  for (const name of names) {
    const gradient = results[`gradient of ${name}`]!.data as Float32Array;
    assertAllClose(gradient, await differences(session, feeds, name, weights.data as Float32Array), TOLERANCE, name);
  }
  await session.close();
}

for (const [op, examples] of Object.entries(EXAMPLES) as [DifferentiableOp, readonly Example[]][]) {
  for (const [index, row] of examples.entries()) {
    const note = row.note ? ` (${row.note})` : "";
    test(`gradient of ${op} of ${row.shapes.map(shapeText).join(" ")}${note}`, () => checkExample(op, row, index));
  }
}

test("operations without a gradient say so", () => {
  const forbidden = (Object.keys(GRADIENT_RULES) as OpName[]).filter((op) => GRADIENT_RULES[op] === "forbidden");
  assert.ok(forbidden.length > 0);
  for (const op of forbidden) {
    const { graph, inputs } = graphOf({ x: tensor([3], [1, 2, 3]) });
    const [y] = graph.emit(op, [inputs.x], [{ type: "float32", shape: [3] }]);
    assert.throws(() => differentiate(sumOf(y!), [inputs.x]), { message: `The operation ${op} has no gradient.` });
  }
});

test("a forbidden operation beside the path does not matter", async () => {
  const feeds = { x: tensor([2], [3, -1]), image: tensor([2], [5, 7]) };
  const { graph, inputs } = graphOf(feeds);
  const [mask] = graph.emit("HardSigmoid", [inputs.image], [{ type: "float32", shape: [2] }], { alpha: 1, beta: 0 });
  const [gradient] = differentiate(sumOf(multiply(inputs.x, mask!)), [inputs.x]);
  assert.deepEqual(await evaluate({ gradient: gradient! }, feeds), { gradient: [1, 1] });
});

test('a "zero" operation stops the walk', async () => {
  const feeds = { x: tensor([3], [1.75, -2.5, 3]) };
  const { inputs } = graphOf(feeds);
  const truncated = cast(cast(inputs.x, "int64"), "float32");
  const [gradient] = differentiate(sumOf(multiply(inputs.x, truncated)), [inputs.x]);
  assert.deepEqual(await evaluate({ gradient: gradient! }, feeds), { gradient: [1, -2, 3] });
  assert.throws(() => differentiate(sumOf(truncated), [inputs.x]), { message: 'The loss does not depend on "x".' });
});

test("a value used several times gets the sum of its gradients", async () => {
  const feeds = { x: tensor([3], [1, -2, 0.5]) };
  const { inputs } = graphOf(feeds);
  const { x } = inputs;
  const square = multiply(x, x);
  // x^2 + 3 x + x^4: 2 x + 3 + 4 x^3.
  const loss = sumOf(add(add(square, scale(x, 3)), multiply(square, square)));
  const [byX, bySquare] = differentiate(loss, [x, square]);
  assert.deepEqual(await evaluate({ byX: byX!, bySquare: bySquare! }, feeds), {
    byX: [9, -33, 4.5],
    bySquare: [3, 9, 1.5],
  });
});

test("a loss that is no scalar, or that does not depend on a parameter, is refused", () => {
  const { inputs } = graphOf({ x: tensor([2], [1, 2]), unused: tensor([2], [1, 2]) });
  const loss = sumOf(inputs.x);
  assert.throws(() => differentiate(inputs.x, [inputs.x]), { message: "Only a scalar can be differentiated." });
  assert.throws(() => differentiate(loss, [inputs.x, inputs.unused]), {
    message: 'The loss does not depend on "unused".',
  });
});
