/**
 * Splits a model for the fused engine. The workers together run the blocks of separable convolutions at its beginning
 * and a dense layer directly after them. The remaining layers are the head.
 */
import { sizeOf } from "../graph/shape.ts";
import { type Layer, layerOutputShape } from "../nn/layers.ts";
import type { ModelDescription } from "../nn/model.ts";

type LayerOfKind<K extends Layer["kind"]> = Extract<Layer, { kind: K }>;

/**
 * A separable 3x3 convolution, ReLU and batch normalization, optionally with 2x2 max pooling, which dropout may follow.
 */
export interface Block {
  readonly convolution: LayerOfKind<"separableConvolution">;
  readonly normalization: LayerOfKind<"batchNormalization">;
  readonly pooled: boolean;
  readonly dropout?: LayerOfKind<"dropout">;
  /** The number of input channels, and the size of their planes in pixels. */
  readonly inputs: number;
  readonly height: number;
  readonly width: number;
}

/**
 * A dense layer on all features of the blocks. Its inputs are cut into slices, and each slice belongs to one worker.
 */
export interface WideLayer {
  readonly weight: string;
  readonly bias: string;
  readonly inputs: number;
  readonly units: number;
  /** The number of slices. It does not depend on the number of workers, so neither do the sums over slices. */
  readonly slices: number;
}

/** The location of a weight in the array of common weights. */
export interface CommonWeight {
  readonly name: string;
  readonly start: number;
  readonly length: number;
}

export interface FusedPlan {
  readonly blocks: readonly Block[];
  readonly wide?: WideLayer;
  /** The weights that every worker needs completely, in one array: those of the blocks, and the wide layer's bias. */
  readonly common: readonly CommonWeight[];
  /** The remaining layers as a separate model, which runs as a graph (head.ts). */
  readonly head: ModelDescription;
}

const KERNEL_SIZE = 3;
const POOL_SIZE = 2;
/** The kernels process four adjacent pixels at a time. */
const SMALLEST_SIDE = 4;
/** Possible numbers of slices for a wide layer. The first one that divides its number of inputs is used. */
const SLICES = [8, 7, 6, 5, 4, 3, 2, 1];

/** The plan for a model, or a sentence that states why the fused kernels do not support it. */
export function planFused(model: ModelDescription): FusedPlan | string {
  if (model.inputShape[1] < SMALLEST_SIDE || model.inputShape[2] < SMALLEST_SIDE) {
    return `the images of ${model.name} are less than ${SMALLEST_SIDE} pixels wide or high`;
  }
  const blocks: Block[] = [];
  let shape: readonly number[] = model.inputShape;
  let place = 0;
  for (let block = readBlock(model.layers, place, shape); block; block = readBlock(model.layers, place, shape)) {
    blocks.push(block.block);
    place += block.layers.length;
    shape = block.layers.reduce((current, layer) => layerOutputShape(layer, current), shape);
  }
  if (blocks.length === 0) {
    return `${model.name} does not begin with a separable 3x3 convolution, ReLU and batch normalization`;
  }
  if (!blocks.at(-1)!.pooled) return `the last block of ${model.name} is not followed by 2x2 pooling`;
  const wide = readWideLayer(model.layers, place, shape);
  const inputShape = (wide ? [wide.units] : shape) as unknown as ModelDescription["inputShape"];
  const layers = model.layers.slice(wide ? place + 2 : place);
  const common = layOut([...blocks.flatMap(commonWeights), ...(wide ? [{ name: wide.bias, length: wide.units }] : [])]);
  return { blocks, ...(wide ? { wide } : {}), common, head: { ...model, inputShape, layers } };
}

/** The dense layer directly after the flattened planes, if there is one. */
function readWideLayer(layers: readonly Layer[], place: number, shape: readonly number[]): WideLayer | undefined {
  const [flatten, dense] = layers.slice(place);
  if (flatten?.kind !== "flatten" || dense?.kind !== "dense") return undefined;
  const { name, units } = dense;
  const inputs = sizeOf(shape);
  const slices = SLICES.find((count) => inputs % count === 0)!;
  return { weight: `${name}.weight`, bias: `${name}.bias`, inputs, units, slices };
}

function layOut(weights: readonly { name: string; length: number }[]): CommonWeight[] {
  let start = 0;
  return weights.map(({ name, length }) => {
    start += length;
    return { name, start: start - length, length };
  });
}

function readBlock(layers: readonly Layer[], place: number, input: readonly number[]) {
  const [convolution, relu, normalization, pool, dropout] = layers.slice(place, place + 5);
  if (convolution?.kind !== "separableConvolution" || convolution.kernelSize !== KERNEL_SIZE) return undefined;
  if (relu?.kind !== "relu" || normalization?.kind !== "batchNormalization") return undefined;
  const pooled = pool?.kind === "maxPool" && pool.size === POOL_SIZE;
  const dropped = pooled && dropout?.kind === "dropout";
  const [inputs, height, width] = input as [number, number, number];
  const block: Block = {
    convolution,
    normalization,
    pooled,
    ...(dropped ? { dropout } : {}),
    inputs,
    height,
    width,
  };
  return { block, layers: layers.slice(place, place + 3 + (pooled ? 1 : 0) + (dropped ? 1 : 0)) };
}

/** Height and width of a block's output planes. */
export function outputSize({ pooled, height, width }: Block): [height: number, width: number] {
  return pooled ? [Math.floor(height / POOL_SIZE), Math.floor(width / POOL_SIZE)] : [height, width];
}

/** The names of a block's weights. */
const PARTS = ["depthwise", "pointwise", "bias", "scale", "offset"] as const;
export type Part = (typeof PARTS)[number];

/** A block's weights by name, in the order of PARTS. */
function commonWeights({ convolution: { name, filters }, normalization, inputs }: Block) {
  return [
    { name: `${name}.depthwise.weight`, length: inputs * KERNEL_SIZE * KERNEL_SIZE },
    { name: `${name}.pointwise.weight`, length: filters * inputs },
    { name: `${name}.pointwise.bias`, length: filters },
    { name: `${normalization.name}.scale`, length: filters },
    { name: `${normalization.name}.offset`, length: filters },
  ];
}

/** The locations of a block's weights in the array of common weights. */
export function partsOf({ common }: FusedPlan, block: number): Record<Part, CommonWeight> {
  return Object.fromEntries(PARTS.map((part, index) => [part, common[block * PARTS.length + index]!])) as Record<
    Part,
    CommonWeight
  >;
}

/** The length of the array of common weights. */
export function commonLength({ common }: FusedPlan): number {
  const last = common.at(-1)!;
  return last.start + last.length;
}
