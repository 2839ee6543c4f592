/** The memory that the workers and the main thread share: inputs, weights, sums by image, gradients, and a barrier. */
import type { ImageChanges } from "../training/step.ts";
import { type Block, type FusedPlan, outputSize, type weightNames } from "./plan.ts";

/** What a block's workers tell each other; sums are by image, so that adding them in image order never depends on shares. */
export interface BlockExchange {
  /** [image][channel][2]: sum and sum of squares of the ReLU's results; then sum of gradients and of gradient * result. */
  readonly moments: Float64Array;
  readonly backwardMoments: Float64Array;
  /** [channel][2]: the batch's mean and variance. */
  readonly statistics: Float64Array;
  /** Random bytes of the dropout, [image][channel][height][width]; empty without one. */
  readonly randomBytes: Uint8Array;
  readonly weights: Record<keyof ReturnType<typeof weightNames>, Float32Array>;
  readonly gradients: Record<keyof ReturnType<typeof weightNames>, Float32Array>;
  /** By image: [image][length of the weight]. */
  readonly partials: {
    readonly depthwise: Float64Array;
    readonly pointwise: Float32Array;
    readonly bias: Float64Array;
  };
}

export interface Exchange {
  readonly buffer: SharedArrayBuffer;
  readonly barrier: Int32Array;
  readonly images: Uint8Array;
  readonly moves: Float32Array;
  readonly colours: Float32Array;
  readonly features: Float32Array;
  readonly featureGradients: Float32Array;
  readonly blocks: readonly BlockExchange[];
}

/** What fixes the layout. */
export interface ExchangeOptions extends ImageChanges {
  readonly plan: FusedPlan;
  /** The largest batch. */
  readonly capacity: number;
  /** Bytes of one image as it comes in. */
  readonly imageBytes: number;
}

const ALIGNMENT_BYTES = 64;

/** Lays the exchange out in a shared buffer: a new one, or the one that another thread has made with the same options. */
export function openExchange(options: ExchangeOptions, buffer?: SharedArrayBuffer): Exchange {
  const memory = buffer ?? new SharedArrayBuffer(layOut(options, undefined).bytes);
  return layOut(options, memory).exchange;
}

function layOut(options: ExchangeOptions, shared: SharedArrayBuffer | undefined) {
  // Views over shared memory are used like any others; the types tell them apart, which would split every signature.
  const memory = shared as unknown as ArrayBuffer | undefined;
  const { plan, capacity, imageBytes, move, recolour } = options;
  const measuring = new ArrayBuffer(0);
  let bytes = 0;
  type Views = Int32ArrayConstructor | Float32ArrayConstructor | Float64ArrayConstructor | Uint8ArrayConstructor;
  const take = <T extends Views>(Type: T, length: number): InstanceType<T> => {
    const start = bytes;
    bytes += Math.ceil((length * Type.BYTES_PER_ELEMENT) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    return (memory ? new Type(memory, start, length) : new Type(measuring, 0, 0)) as InstanceType<T>;
  };
  const ofBlock = (block: Block): BlockExchange => {
    const { filters } = block.convolution;
    const [height, width] = outputSize(block);
    const lengths = {
      depthwise: block.inputs * 9,
      pointwise: filters * block.inputs,
      bias: filters,
      scale: filters,
      offset: filters,
    };
    const arrays = () =>
      Object.fromEntries(Object.entries(lengths).map(([name, length]) => [name, take(Float32Array, length)]));
    return {
      moments: take(Float64Array, capacity * filters * 2),
      backwardMoments: take(Float64Array, capacity * filters * 2),
      statistics: take(Float64Array, filters * 2),
      randomBytes: take(Uint8Array, block.dropout ? capacity * filters * height * width : 0),
      weights: arrays() as BlockExchange["weights"],
      gradients: arrays() as BlockExchange["gradients"],
      partials: {
        depthwise: take(Float64Array, capacity * lengths.depthwise),
        pointwise: take(Float32Array, capacity * lengths.pointwise),
        bias: take(Float64Array, capacity * lengths.bias),
      },
    };
  };
  const featureLength = plan.head.inputShape.reduce((product, side) => product * side, 1);
  const exchange: Exchange = {
    buffer: shared ?? new SharedArrayBuffer(0),
    barrier: take(Int32Array, 2),
    images: take(Uint8Array, capacity * imageBytes),
    moves: take(Float32Array, move ? capacity * 6 : 0),
    colours: take(Float32Array, recolour ? capacity * 12 : 0),
    features: take(Float32Array, capacity * featureLength),
    featureGradients: take(Float32Array, capacity * featureLength),
    blocks: plan.blocks.map(ofBlock),
  };
  return { exchange, bytes };
}

/** The images of a batch that worker `index` of `workers` has: shares differ by one at most. */
export function shareOf(images: number, index: number, workers: number): { first: number; count: number } {
  const smaller = Math.floor(images / workers);
  const larger = images % workers;
  return { first: index * smaller + Math.min(index, larger), count: smaller + (index < larger ? 1 : 0) };
}

const ARRIVED = 0;
const GENERATION = 1;
/** How often a waiting worker looks before it sleeps: the others are usually a few microseconds behind. */
const LOOKS = 20_000;

/** Waits until all workers have come here. What each wrote before is then seen by all. */
export function waitForAll(barrier: Int32Array, workers: number): void {
  const generation = Atomics.load(barrier, GENERATION);
  if (Atomics.add(barrier, ARRIVED, 1) + 1 === workers) {
    Atomics.store(barrier, ARRIVED, 0);
    Atomics.add(barrier, GENERATION, 1);
    Atomics.notify(barrier, GENERATION);
    return;
  }
  for (let look = 0; look < LOOKS; look++) if (Atomics.load(barrier, GENERATION) !== generation) return;
  while (Atomics.load(barrier, GENERATION) === generation) Atomics.wait(barrier, GENERATION, generation);
}
