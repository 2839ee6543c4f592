/** What of a model the fused kernels run: the blocks of separable convolutions at its beginning; the rest is its head. */
import { type Layer, layerOutputShape, layerParameters, type ParameterSpec } from "../nn/layers.ts";
import type { ModelDescription } from "../nn/model.ts";

type Named<K extends Layer["kind"]> = Extract<Layer, { kind: K }>;

/** Separable 3x3 convolution, ReLU, batch normalization, and perhaps 2x2 pooling with dropout. */
export interface Block {
  readonly convolution: Named<"separableConvolution">;
  readonly normalization: Named<"batchNormalization">;
  readonly pooled: boolean;
  readonly dropout?: Named<"dropout">;
  /** Channels that come in, and the size of their planes. */
  readonly inputs: number;
  readonly height: number;
  readonly width: number;
  readonly weights: readonly ParameterSpec[];
}

export interface FusedPlan {
  readonly blocks: readonly Block[];
  /** The layers after the blocks, as a model of its own that the graph engine's means run. */
  readonly head: ModelDescription;
}

const KERNEL_SIZE = 3;
const POOL_SIZE = 2;

/** The plan of a model, or a sentence that says why the fused kernels do not run it. */
export function planFused(model: ModelDescription): FusedPlan | string {
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
  const inputShape = shape as unknown as ModelDescription["inputShape"];
  return { blocks, head: { ...model, inputShape, layers: model.layers.slice(place) } };
}

function readBlock(layers: readonly Layer[], place: number, input: readonly number[]) {
  const [convolution, relu, normalization, pool, dropout] = layers.slice(place, place + 5);
  if (convolution?.kind !== "separableConvolution" || convolution.kernelSize !== KERNEL_SIZE) return undefined;
  if (relu?.kind !== "relu" || normalization?.kind !== "batchNormalization") return undefined;
  const pooled = pool?.kind === "maxPool" && pool.size === POOL_SIZE;
  const dropped = pooled && dropout?.kind === "dropout";
  const [inputs, height, width] = input as [number, number, number];
  const outputs = layerOutputShape(convolution, input);
  const weights = [...layerParameters(convolution, input), ...layerParameters(normalization, outputs)];
  const block: Block = {
    convolution,
    normalization,
    pooled,
    ...(dropped ? { dropout } : {}),
    inputs,
    height,
    width,
    weights: weights.filter(({ role }) => role === "weight"),
  };
  return { block, layers: layers.slice(place, place + 3 + (pooled ? 1 : 0) + (dropped ? 1 : 0)) };
}

/** Height and width of the planes that a block gives. */
export function outputSize({ pooled, height, width }: Block): [height: number, width: number] {
  return pooled ? [Math.floor(height / POOL_SIZE), Math.floor(width / POOL_SIZE)] : [height, width];
}

/** The names of a block's weights. */
export function weightNames({ convolution, normalization }: Block) {
  return {
    depthwise: `${convolution.name}.depthwise.weight`,
    pointwise: `${convolution.name}.pointwise.weight`,
    bias: `${convolution.name}.pointwise.bias`,
    scale: `${normalization.name}.scale`,
    offset: `${normalization.name}.offset`,
  };
}
