/**
 * The memory that the workers share: the batch, the common weights, sums per image, and gradients per group of images.
 */
import { sizeOf } from "../graph/shape.ts";
import { OPTIMIZERS } from "../training/optimizers.ts";
import type { StepOptions } from "../training/step.ts";
import { CONTROL_WORDS } from "./barrier.ts";
import { type Block, commonLength, type FusedPlan, outputSize } from "./plan.ts";
import { groupCount } from "./shares.ts";

/**
 * What the workers exchange for one block. Sums are per image and are added in image order, so the result does not
 * depend on the workers' shares.
 */
export interface BlockExchange {
  /** [image][channel][2]: the sum and the sum of squares of the ReLU's output. */
  readonly moments: Float64Array;
  /** [image][channel][2]: the sum of the gradient, and the sum of gradient * ReLU output. */
  readonly backwardMoments: Float64Array;
  /** [channel][2]: the batch's mean and variance. */
  readonly statistics: Float64Array;
  /** The random bytes for dropout, [image][channel][height][width]; empty without dropout. */
  readonly randomBytes: Uint8Array;
}

/** Weights, and the optimizer's state for them. */
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
  /** The gradients, [group][common weight]. */
  readonly gradients: Float32Array;
  readonly blocks: readonly BlockExchange[];
  readonly features: Float32Array;
  readonly featureGradients: Float32Array;
  /**
   * The wide layer: its weights as last saved, its sums [slice][image][unit], and the gradient of its output
   * [image][unit].
   */
  readonly wide: TrainedArrays & { readonly sums: Float32Array; readonly gradient: Float32Array };
}

/** The options that determine the layout. */
export interface ExchangeOptions {
  readonly plan: FusedPlan;
  readonly step: StepOptions;
  /** The largest batch size. */
  readonly capacity: number;
}

const ALIGNMENT_BYTES = 64;

/**
 * Lays out the exchange in a shared buffer: a new one, or one that another thread has created with the same options.
 */
export function openExchange(options: ExchangeOptions, buffer?: SharedArrayBuffer): Exchange {
  const memory = buffer ?? new SharedArrayBuffer(layOut(options, undefined).bytes);
  return layOut(options, memory).exchange;
}

function layOut({ plan, step, capacity }: ExchangeOptions, shared: SharedArrayBuffer | undefined) {
  // Views of shared memory are used like any other views. Their types differ, and without this cast every signature
  // would need two versions.
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

/** The number of features per image that the blocks return. */
export function featuresOf({ blocks }: FusedPlan): number {
  const last = blocks.at(-1)!;
  return last.convolution.filters * sizeOf(outputSize(last));
}
