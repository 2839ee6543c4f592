/** The layers: for each kind its output shape, its parameters, and the operations that it adds to a graph. */
import type { Value } from "../graph/graph.ts";
import { sizeOf } from "../graph/shape.ts";
import { add, cast, hardSigmoid, multiply, relu, scale } from "../ops/arithmetic.ts";
import { batchNormalization, normalizeBatch } from "../ops/channels.ts";
import { convolution, matMul } from "../ops/linear.ts";
import { maxPool } from "../ops/pooling.ts";
import { reduceMean } from "../ops/reduction.ts";
import { flatten } from "../ops/shaping.ts";

/** A layer as data. Layers with parameters or randomness have a name. */
export type Layer =
  | {
      readonly kind: "separableConvolution";
      readonly name: string;
      readonly filters: number;
      readonly kernelSize: number;
    }
  | { readonly kind: "relu" }
  | { readonly kind: "batchNormalization"; readonly name: string; readonly momentum: number; readonly epsilon: number }
  | { readonly kind: "maxPool"; readonly size: number }
  | { readonly kind: "dropout"; readonly name: string; readonly rate: number }
  | { readonly kind: "globalAveragePool" }
  | { readonly kind: "flatten" }
  | { readonly kind: "dense"; readonly name: string; readonly units: number };

/**
 * The initial values of a parameter: Glorot's uniform distribution (Glorot & Bengio 2010, with these fans), or one
 * number.
 */
export type Initializer = { readonly fanIn: number; readonly fanOut: number } | number;

/** An array that belongs to a layer. A weight is trained by its gradient; a statistic is a running mean. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: "weight" | "statistic";
  readonly initializer: Initializer;
}

/** What a layer needs from the graph to which it is added. */
export interface LayerContext {
  /** The value of a parameter, by name. */
  parameter(name: string): Value;
  /** Present during training. If absent, the layers use their running statistics and apply no dropout. */
  readonly training?: {
    /** Random bytes of the given shape, which the caller passes to each run. */
    randomBytes(name: string, shape: Value["shape"]): Value;
    /** Declares the statistic's value after this step. */
    updateStatistic(name: string, value: Value): void;
  };
}

/** Shapes do not include the batch: [C, H, W] or [features]. */
interface LayerRule<L extends Layer> {
  outputShape(layer: L, input: readonly number[]): readonly number[];
  parameters?(layer: L, input: readonly number[]): ParameterSpec[];
  apply(layer: L, x: Value, context: LayerContext): Value;
}

type RuleTable = { readonly [K in Layer["kind"]]: LayerRule<Extract<Layer, { kind: K }>> };

const LAYER_RULES: RuleTable = {
  separableConvolution: {
    outputShape: ({ filters }, [, height, width]) => [filters, height!, width!],
    parameters({ name, filters, kernelSize }, [channels]) {
      const area = kernelSize * kernelSize;
      const depthwise = { fanIn: area * channels!, fanOut: area };
      return [
        weight(`${name}.depthwise.weight`, [channels!, 1, kernelSize, kernelSize], depthwise),
        weight(`${name}.pointwise.weight`, [filters, channels!, 1, 1], { fanIn: channels!, fanOut: filters }),
        weight(`${name}.pointwise.bias`, [filters], 0),
      ];
    },
    apply({ name }, x, context) {
      const groups = x.shape[1] as number;
      const spatial = convolution(x, context.parameter(`${name}.depthwise.weight`), undefined, { groups });
      const mixing = context.parameter(`${name}.pointwise.weight`);
      return convolution(spatial, mixing, context.parameter(`${name}.pointwise.bias`), { groups: 1 });
    },
  },
  relu: { outputShape: (_, input) => input, apply: (_, x) => relu(x) },
  batchNormalization: {
    outputShape: (_, input) => input,
    parameters: ({ name }, [channels]) => [
      weight(`${name}.scale`, [channels!], 1),
      weight(`${name}.offset`, [channels!], 0),
      { name: `${name}.mean`, shape: [channels!], role: "statistic", initializer: 0 },
      { name: `${name}.variance`, shape: [channels!], role: "statistic", initializer: 1 },
    ],
    apply: applyBatchNormalization,
  },
  maxPool: {
    outputShape: ({ size }, [channels, height, width]) => [
      channels!,
      Math.floor(height! / size),
      Math.floor(width! / size),
    ],
    apply: ({ size }, x) => maxPool(x, size).values,
  },
  dropout: { outputShape: (_, input) => input, apply: applyDropout },
  globalAveragePool: { outputShape: (_, [channels]) => [channels!], apply: (_, x) => reduceMean(x, [2, 3]) },
  flatten: { outputShape: (_, input) => [sizeOf(input)], apply: (_, x) => flatten(x) },
  dense: {
    outputShape: ({ units }) => [units],
    parameters: ({ name, units }, [features]) => [
      weight(`${name}.weight`, [features!, units], { fanIn: features!, fanOut: units }),
      weight(`${name}.bias`, [units], 0),
    ],
    apply: ({ name }, x, { parameter }) => add(matMul(x, parameter(`${name}.weight`)), parameter(`${name}.bias`)),
  },
};

function weight(name: string, shape: readonly number[], initializer: Initializer): ParameterSpec {
  return { name, shape, role: "weight", initializer };
}

/**
 * Batch normalization (Ioffe & Szegedy 2015). During training it uses the batch's statistics and updates the running
 * ones: running = momentum * running + (1 - momentum) * batch. The running variance is unbiased, as in PyTorch and
 * fused Keras.
 */
function applyBatchNormalization(
  layer: Extract<Layer, { kind: "batchNormalization" }>,
  x: Value,
  context: LayerContext,
): Value {
  const { name, momentum, epsilon } = layer;
  const [factor, offset, runningMean, runningVariance] = ["scale", "offset", "mean", "variance"].map((part) =>
    context.parameter(`${name}.${part}`),
  ) as [Value, Value, Value, Value];
  if (!context.training) {
    return batchNormalization(x, { scale: factor, offset }, { mean: runningMean, variance: runningVariance }, epsilon);
  }
  const { normalized, mean, variance } = normalizeBatch(x, { scale: factor, offset }, epsilon);
  const count = sizeOf(x.shape) / (x.shape[1] as number);
  const unbiased = scale(variance, count / Math.max(count - 1, 1));
  const moved = (running: Value, batch: Value) => add(scale(running, momentum), scale(batch, 1 - momentum));
  context.training.updateStatistic(`${name}.mean`, moved(runningMean, mean));
  context.training.updateStatistic(`${name}.variance`, moved(runningVariance, unbiased));
  return normalized;
}

/**
 * Inverted dropout (Srivastava et al. 2014). One random byte decides about an element: it is dropped if the byte is
 * below rate * 256.
 * @throws Error if the rate is not a multiple of 1/256.
 */
function applyDropout(
  { name, rate }: Extract<Layer, { kind: "dropout" }>,
  x: Value,
  { training }: LayerContext,
): Value {
  if (!training) return x;
  const threshold = rate * 256;
  if (!Number.isInteger(threshold)) throw new Error(`Dropout ${name}: the rate ${rate} is not a multiple of 1/256.`);
  const bytes = cast(training.randomBytes(name, x.shape), "float32");
  return multiply(x, scale(hardSigmoid(bytes, 1, 1 - threshold), 1 / (1 - rate)));
}

/** The rule for a layer, typed for any kind of layer. */
function ruleOf(layer: Layer): LayerRule<Layer> {
  return LAYER_RULES[layer.kind] as LayerRule<Layer>;
}

/** The shape of a layer's output, without the batch. */
export function layerOutputShape(layer: Layer, input: readonly number[]): readonly number[] {
  return ruleOf(layer).outputShape(layer, input);
}

/** The arrays that belong to a layer. */
export function layerParameters(layer: Layer, input: readonly number[]): ParameterSpec[] {
  return ruleOf(layer).parameters?.(layer, input) ?? [];
}

/** Adds the layer's operations to the graph of x. Returns the layer's output. */
export function applyLayer(layer: Layer, x: Value, context: LayerContext): Value {
  return ruleOf(layer).apply(layer, x, context);
}
