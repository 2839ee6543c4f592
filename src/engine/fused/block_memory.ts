/** The arrays that a worker keeps for the blocks of its images, and those that it works on, one group of images at a time. */
import { type Floats, MemoryPlan, type Piece, part } from "./memory.ts";
import { type Block, commonLength, type FusedPlan, outputSize, type Part, partsOf } from "./plan.ts";
import { GROUP_IMAGES } from "./shares.ts";

/** A block's arrays: of all the worker's images if not said otherwise. */
export interface BlockMemory {
  /** Bordered; of one group if it can be computed again from the block before. */
  readonly input: Floats;
  readonly isInputKept: boolean;
  /** The ReLU's results. */
  readonly result: Floats;
  readonly places: Piece<Uint8Array>;
  /** The normalization as slope * x + offset, [channel]. */
  readonly slope: Floats;
  readonly offset: Floats;
}

/** Arrays of one group of images, used by one block after the other. */
export interface GroupMemory {
  readonly randomBytes: Piece<Uint8Array>;
  readonly spatial: Floats;
  readonly spatialGradient: Floats;
  readonly unpooled: Floats;
  readonly pointwiseGradients: Floats;
  readonly sums: Piece<Float64Array>;
  /** One bordered plane. */
  readonly plane: Floats;
  /** Three numbers a channel. */
  readonly a: Floats;
  readonly b: Floats;
  readonly shift: Floats;
}

export interface TrunkMemory {
  readonly blocks: readonly BlockMemory[];
  readonly group: GroupMemory;
  readonly weights: Floats;
  /** The gradients of what blocks give; they take turns, what comes in from above and what goes out below. */
  readonly gradients: readonly [Floats, Floats];
  /** The images as the first block sees them, dense. */
  readonly pixels: Floats;
  /** [image][2][3] */
  readonly moves: Floats;
  readonly features: Floats;
}

/** How many numbers a block gives for an image. */
export function outputLength(block: Block): number {
  const [height, width] = outputSize(block);
  return block.convolution.filters * height * width;
}

/** Reserves the arrays for at most so many images. */
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

/** How many bytes `reserveTrunk` takes. */
export function trunkBytes(plan: FusedPlan, images: number): number {
  const memory = new MemoryPlan();
  reserveTrunk(memory, plan, images);
  return memory.bytes;
}

/** A block's weights among the common ones. */
export function weightsOf(plan: FusedPlan, weights: Floats, block: number): Record<Part, Floats> {
  const parts = Object.entries(partsOf(plan, block)).map(([name, { start, length }]) => [
    name,
    part(weights, start, length),
  ]);
  return Object.fromEntries(parts) as Record<Part, Floats>;
}
