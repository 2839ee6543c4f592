/**
 * Profiles a fused training step on one of the workers, by kernel, matrix product and data exchange. Shows the
 * arithmetic and the memory traffic of each as a share of this machine's peak. npm run bench -- --profile
 */
import { FusedEngine } from "../src/engine/fused/fused_engine.ts";
import { type Block, type FusedPlan, outputSize, planFused } from "../src/engine/fused/plan.ts";
import { Profile, type ProfileEntry } from "../src/engine/fused/profile.ts";
import { imageShare } from "../src/engine/fused/shares.ts";
import { Graph } from "../src/engine/graph/graph.ts";
import { MODELS } from "../src/engine/models/table.ts";
import { initialize } from "../src/engine/nn/initialize.ts";
import { matMul } from "../src/engine/ops/linear.ts";
import { openGraph } from "../src/engine/runtime/node/session.ts";
import { tableLines } from "../src/util/table.ts";
import { randomBatch, STEP_OPTIONS } from "./cancernet.ts";

const STEPS = 100;
const WARM_UP_STEPS = 10;
const FLOAT_BYTES = 4;

/** For one image in one block: floating-point operations, and the minimum number of bytes read and written. */
interface Cost {
  readonly operations: number;
  readonly bytes: number;
}

/**
 * The sizes that the costs of a block depend on: the elements of its input, of its result, and of its output after
 * pooling.
 */
function sizesOf({ inputs, height, width, convolution, ...block }: Block) {
  const [rows, columns] = outputSize({ inputs, height, width, convolution, ...block });
  const pixels = height * width;
  return {
    input: inputs * pixels,
    result: convolution.filters * pixels,
    output: convolution.filters * rows * columns,
    weights: inputs * convolution.filters,
    pixels,
  };
}

type Sizes = ReturnType<typeof sizesOf>;
const floats = (...lengths: number[]) => lengths.reduce((sum, length) => sum + length, 0) * FLOAT_BYTES;

/** The costs of the kernels and matrix products, by name. Other entries (waiting, the head) have no costs. */
const COSTS: Record<string, (sizes: Sizes) => Cost> = {
  depthwiseForward: ({ input }) => ({ operations: 18 * input, bytes: floats(input, input) }),
  depthwiseBackward: ({ input }) => ({ operations: 36 * input, bytes: floats(input, input, input) }),
  forward: ({ weights, pixels, input, result }) => ({
    operations: 2 * weights * pixels,
    bytes: floats(input, result, weights),
  }),
  backward: ({ weights, pixels, input, result }) => ({
    operations: 4 * weights * pixels,
    bytes: floats(input, result, input, weights, weights),
  }),
  biasReluMoments: ({ result }) => ({ operations: 5 * result, bytes: floats(result, result) }),
  backwardMoments: ({ result }) => ({ operations: 3 * result, bytes: floats(result, result) }),
  pooledMoments: ({ result, output }) => ({ operations: 3 * output, bytes: floats(result, output) }),
  normalizeReluBackward: ({ result }) => ({ operations: 6 * result, bytes: floats(result, result, result) }),
  normalize: ({ result }) => ({ operations: 2 * result, bytes: floats(result, result) }),
  normalizePool: ({ result, output }) => ({ operations: 3 * result, bytes: floats(result, output) }),
  poolBackward: ({ result, output }) => ({ operations: output, bytes: floats(result, output) }),
};

/** How often a step runs a kernel per image, if not once. These kernels run again in the backward pass. */
const TIMES: Record<string, number> = { depthwiseForward: 2, normalize: 2 };

/** Titles of the rows for which the function's name is not clear enough. */
const TITLES: Record<string, string> = {
  forward: "matrix product: forward",
  backward: "matrix products: input and weight gradients",
  wait: "waiting for the other workers",
  head: "head and loss",
  images: "images: moved, scaled, laid out",
  "hand in": "batch and random bytes into shared memory",
};

/** Prints the profile of training steps at a batch size. */
export async function printProfile({ batch, threads }: { batch: number; threads: number }): Promise<void> {
  const profile = new Profile(() => performance.now());
  const engine = new FusedEngine(STEP_OPTIONS, initialize(MODELS.cancernet, 42), { threads }, profile);
  const plan = planFused(MODELS.cancernet) as FusedPlan;
  const next = randomBatch(batch);
  let step = 0;
  const takeSteps = async (count: number) => {
    for (let taken = 0; taken < count; taken++) await engine.step({ ...next, step: step++ });
  };
  await takeSteps(WARM_UP_STEPS);
  const before = new Map(profile.entries().map((entry) => [`${entry.place}/${entry.name}`, entry.milliseconds]));
  const start = performance.now();
  await takeSteps(STEPS);
  const milliseconds = (performance.now() - start) / STEPS;
  const entries = profile.entries().map((entry) => ({
    ...entry,
    milliseconds: (entry.milliseconds - (before.get(`${entry.place}/${entry.name}`) ?? 0)) / STEPS,
  }));
  await engine.close();
  const peaks = await measurePeaks();
  const { count } = imageShare(batch, 0, threads);
  console.log(
    `A step of ${batch} patches takes ${milliseconds.toFixed(2)} ms on ${threads} threads; one of them, with ${count} patches:`,
  );
  console.log(
    `its core multiplies matrices at ${peaks.gigaflops.toFixed(0)} GFLOPS and copies ${peaks.gigabytes.toFixed(0)} GB/s (read and written).`,
  );
  const rows = rowsOf(entries, plan, { images: count, milliseconds, peaks });
  const columns = ["part", "ms a step", "share", "GFLOPS", "of peak", "GB/s", "of peak"];
  for (const line of tableLines(columns, rows)) console.log(line);
}

interface Peaks {
  readonly gigaflops: number;
  readonly gigabytes: number;
}

function rowsOf(
  entries: readonly ProfileEntry[],
  plan: FusedPlan,
  { images, milliseconds, peaks }: { images: number; milliseconds: number; peaks: Peaks },
): string[][] {
  const sizes = new Map(plan.blocks.map((block) => [block.convolution.name, sizesOf(block)]));
  const parts = new Map<string, Cost & { milliseconds: number }>();
  // A matrix product calls this kernel, and its time is already included in the product's time.
  for (const { place, name, ...entry } of entries.filter(({ name }) => name !== "pointwiseForward")) {
    const size = sizes.get(place);
    const cost = size ? COSTS[name]?.(size) : undefined;
    const title = place === "wide" ? `wide layer: ${name}` : (TITLES[name] ?? name);
    const part = parts.get(title) ?? { milliseconds: 0, operations: 0, bytes: 0 };
    const times = (TIMES[name] ?? 1) * images;
    parts.set(title, {
      milliseconds: part.milliseconds + entry.milliseconds,
      operations: part.operations + (cost?.operations ?? 0) * times,
      bytes: part.bytes + (cost?.bytes ?? 0) * times,
    });
  }
  const known = [...parts.values()].reduce((sum, part) => sum + part.milliseconds, 0);
  parts.set("everything else", { milliseconds: milliseconds - known, operations: 0, bytes: 0 });
  return [...parts]
    .sort(([, a], [, b]) => b.milliseconds - a.milliseconds)
    .map(([title, part]) => {
      const rate = (amount: number, peak: number) => {
        const perNanosecond = amount / part.milliseconds / 1e6;
        return amount === 0 ? ["", ""] : [perNanosecond.toFixed(1), percent(perNanosecond / peak)];
      };
      return [
        title,
        part.milliseconds.toFixed(3),
        percent(part.milliseconds / milliseconds),
        ...rate(part.operations, peaks.gigaflops),
        ...rate(part.bytes, peaks.gigabytes),
      ];
    });
}

const percent = (share: number) => `${(share * 100).toFixed(0)} %`;

/** The peak of one core: ONNX Runtime's product of two large matrices, and a copy that is larger than the caches. */
async function measurePeaks(): Promise<Peaks> {
  const side = 768;
  const graph = new Graph();
  graph.output("product", matMul(graph.input("a", "float32", [side, side]), graph.input("b", "float32", [side, side])));
  const session = await openGraph(graph, { threads: 1 });
  const matrix = () => ({ data: new Float32Array(side * side).fill(0.5), shape: [side, side] });
  const [feeds, into] = [{ a: matrix(), b: matrix() }, { product: matrix() }];
  const product = await fastest(() => session.run(feeds, into));
  await session.close();
  const source = new Uint8Array(1 << 27).fill(1);
  const target = new Uint8Array(1 << 27);
  const copy = await fastest(() => target.set(source));
  return { gigaflops: (2 * side ** 3) / product / 1e6, gigabytes: (2 * source.length) / copy / 1e6 };
}

/** The time of the fastest of several runs, in milliseconds. */
async function fastest(run: () => unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 12; round++) {
    const start = performance.now();
    await run();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}
