/**
 * Reserves a worker's arrays: those that it keeps for all its images, and working arrays for one group of images at a
 * time.
 */
import { type Floats, MemoryPlan, type Piece, part } from "./memory.ts";
import { type Block, commonLength, type FusedPlan, outputSize, type Part, partsOf } from "./plan.ts";
import { GROUP_IMAGES } from "./shares.ts";

/** A block's arrays. They cover all the worker's images unless stated otherwise. */
export interface BlockMemory {
  /** The block's input, bordered. It covers one group only if it can be recomputed from the previous block. */
  readonly input: Floats;
  readonly isInputKept: boolean;
  /** The output of the ReLU. */
  readonly result: Floats;
  readonly places: Piece<Uint8Array>;
  /** The normalization as slope * x + offset, [channel] each. */
  readonly slope: Floats;
  readonly offset: Floats;
}

/** Working arrays for one group of images. All blocks use the same ones. */
export interface GroupMemory {
  readonly randomBytes: Piece<Uint8Array>;
  readonly spatial: Floats;
  readonly spatialGradient: Floats;
  readonly unpooled: Floats;
  readonly pointwiseGradients: Floats;
  readonly sums: Piece<Float64Array>;
  /** One bordered plane. */
  readonly plane: Floats;
  /** The coefficients of the normalization's gradient, a * g + b * x + shift, [channel] each. */
  readonly a: Floats;
  readonly b: Floats;
  readonly shift: Floats;
}

export interface TrunkMemory {
  readonly blocks: readonly BlockMemory[];
  readonly group: GroupMemory;
  readonly weights: Floats;
  /**
   * Two buffers for the gradients of the blocks' outputs. The blocks use them alternately: one for a block's own
   * output, the other for the output of the previous block.
   */
  readonly gradients: readonly [Floats, Floats];
  /** The images before they are moved, dense. */
  readonly pixels: Floats;
  /** The matrices that move the images, [image][2][3]. */
  readonly moves: Floats;
  readonly features: Floats;
}

/** The number of a block's output elements per image. */
export function outputLength(block: Block): number {
  const [height, width] = outputSize(block);
  return block.convolution.filters * height * width;
}

/** Reserves the arrays for at most `images` images. */
export function reserveTrunk(memory: MemoryPlan, plan: FusedPlan, images: number): TrunkMemory {
  const floats = (length: number) => memory.reserve(Float32Array, length);
  const most = (of: (block: Block) => number) => Math.max(...plan.blocks.map(of));
  const inputLength = ({ inputs, height, width }: Block) => inputs * height * width;
  const resultLength = ({ convolution, height, width }: Block) => convolution.filters * height * width;
  const pooledLength = (block: Block) => (block.pooled ? outputLength(block) : 0);
  const filters = ({ convolution }: Block) => convolution.filters;
  const largestOutput = most(outputLength);
  return {
    blocks: plan.blocks.map((block, index) => {
      const isInputKept = index === 0 || plan.blocks[index - 1]!.pooled;
      return {
        input: floats((isInputKept ? images : GROUP_IMAGES) * block.inputs * (block.height + 2) * (block.width + 2)),
        isInputKept,
        result: floats(images * resultLength(block)),
        places: memory.reserve(Uint8Array, images * pooledLength(block)),
        slope: floats(filters(block)),
        offset: floats(filters(block)),
      };
    }),
    group: {
      randomBytes: memory.reserve(Uint8Array, GROUP_IMAGES * most(pooledLength)),
      spatial: floats(GROUP_IMAGES * most(inputLength)),
      spatialGradient: floats(GROUP_IMAGES * most(inputLength)),
      unpooled: floats(GROUP_IMAGES * most((block) => (block.pooled ? resultLength(block) : 0))),
      pointwiseGradients: floats(GROUP_IMAGES * most((block) => filters(block) * block.inputs)),
      sums: memory.reserve(
        Float64Array,
        GROUP_IMAGES * most((block) => Math.max(block.inputs * 9, filters(block) * 2)),
      ),
      plane: floats(most(({ height, width }) => (height + 2) * (width + 2))),
      a: floats(most(filters)),
      b: floats(most(filters)),
      shift: floats(most(filters)),
    },
    weights: floats(commonLength(plan)),
    gradients: [floats(images * largestOutput), floats(images * largestOutput)],
    pixels: floats(images * inputLength(plan.blocks[0]!)),
    moves: floats(images * 6),
    features: floats(images * outputLength(plan.blocks.at(-1)!)),
  };
}

/** The number of bytes that `reserveTrunk` reserves. */
export function trunkBytes(plan: FusedPlan, images: number): number {
  const memory = new MemoryPlan();
  reserveTrunk(memory, plan, images);
  return memory.bytes;
}

/** The parts of the common weights that belong to a block. */
export function weightsOf(plan: FusedPlan, weights: Floats, block: number): Record<Part, Floats> {
  const parts = Object.entries(partsOf(plan, block)).map(([name, { start, length }]) => [
    name,
    part(weights, start, length),
  ]);
  return Object.fromEntries(parts) as Record<Part, Floats>;
}
