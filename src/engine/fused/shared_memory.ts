/** The memory that the workers share: the batch, the common weights, sums by image, gradients by group of images. */
import { sizeOf } from "../graph/shape.ts";
import { OPTIMIZERS } from "../training/optimizers.ts";
import type { StepOptions } from "../training/step.ts";
import { CONTROL_WORDS } from "./barrier.ts";
import { type Block, commonLength, type FusedPlan, outputSize } from "./plan.ts";
import { groupCount } from "./shares.ts";

/** What a block's workers exchange; sums are by image, so that adding them in image order never depends on shares. */
export interface BlockExchange {
  /** [image][channel][2]: sum and sum of squares of the ReLU's results. */
  readonly moments: Float64Array;
  /** [image][channel][2]: sum of the gradients, and of gradient * result. */
  readonly backwardMoments: Float64Array;
  /** [channel][2]: the batch's mean and variance. */
  readonly statistics: Float64Array;
  /** Random bytes of the dropout, [image][channel][height][width]; empty without one. */
  readonly randomBytes: Uint8Array;
}

/** Weights and the arrays that the optimizer keeps for them. */
export interface TrainedArrays {
  readonly weights: Float32Array;
  readonly state: readonly Float32Array[];
}

export interface Exchange {
  readonly buffer: SharedArrayBuffer;
  readonly control: Int32Array;
  /** The learning rate and the number of the step. */
  readonly scalars: Float64Array;
  readonly images: Uint8Array;
  readonly moves: Float32Array;
  readonly colours: Float32Array;
  readonly common: TrainedArrays;
  /** [group][common weight]. */
  readonly gradients: Float32Array;
  readonly blocks: readonly BlockExchange[];
  readonly features: Float32Array;
  readonly featureGradients: Float32Array;
  /** The wide layer: its weights as they were last saved; its sums [slice][image][unit]; their gradient [image][unit]. */
  readonly wide: TrainedArrays & { readonly sums: Float32Array; readonly gradient: Float32Array };
}

/** What fixes the layout. */
export interface ExchangeOptions {
  readonly plan: FusedPlan;
  readonly step: StepOptions;
  /** The largest batch. */
  readonly capacity: number;
}

const ALIGNMENT_BYTES = 64;

/** Lays the exchange out in a shared buffer: a new one, or the one that another thread has made with the same options. */
export function openExchange(options: ExchangeOptions, buffer?: SharedArrayBuffer): Exchange {
  const memory = buffer ?? new SharedArrayBuffer(layOut(options, undefined).bytes);
  return layOut(options, memory).exchange;
}

function layOut({ plan, step, capacity }: ExchangeOptions, shared: SharedArrayBuffer | undefined) {
  // Views over shared memory are used like any others; the types distinguish them, which would split every signature.
  const memory = shared as unknown as ArrayBuffer | undefined;
  const measuring = new ArrayBuffer(0);
  let bytes = 0;
  type Views = Int32ArrayConstructor | Float32ArrayConstructor | Float64ArrayConstructor | Uint8ArrayConstructor;
  const take = <T extends Views>(Type: T, length: number): InstanceType<T> => {
    const start = bytes;
    bytes += Math.ceil((length * Type.BYTES_PER_ELEMENT) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    return (memory ? new Type(memory, start, length) : new Type(measuring, 0, 0)) as InstanceType<T>;
  };
  const floats = (length: number) => take(Float32Array, length);
  const trained = (length: number): TrainedArrays => ({
    weights: floats(length),
    state: OPTIMIZERS[step.optimizer].state.map(() => floats(length)),
  });
  const ofBlock = (block: Block): BlockExchange => {
    const { filters } = block.convolution;
    const [height, width] = outputSize(block);
    return {
      moments: take(Float64Array, capacity * filters * 2),
      backwardMoments: take(Float64Array, capacity * filters * 2),
      statistics: take(Float64Array, filters * 2),
      randomBytes: take(Uint8Array, block.dropout ? capacity * filters * height * width : 0),
    };
  };
  const { inputs, units, slices } = plan.wide ?? { inputs: 0, units: 0, slices: 0 };
  const features = featuresOf(plan);
  const exchange: Exchange = {
    buffer: shared ?? new SharedArrayBuffer(0),
    control: take(Int32Array, CONTROL_WORDS),
    scalars: take(Float64Array, 2),
    images: take(Uint8Array, capacity * sizeOf(step.imageSize) * step.model.inputShape[0]),
    moves: floats(step.move ? capacity * 6 : 0),
    colours: floats(step.recolour ? capacity * 12 : 0),
    common: trained(commonLength(plan)),
    gradients: floats(groupCount(capacity) * commonLength(plan)),
    blocks: plan.blocks.map(ofBlock),
    features: floats(capacity * features),
    featureGradients: floats(capacity * features),
    wide: {
      ...trained(inputs * units),
      sums: floats(slices * capacity * units),
      gradient: floats(capacity * units),
    },
  };
  return { exchange, bytes };
}

/** How many numbers the blocks give for an image. */
export function featuresOf({ blocks }: FusedPlan): number {
  const last = blocks.at(-1)!;
  return last.convolution.filters * sizeOf(outputSize(last));
}
