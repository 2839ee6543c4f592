/**
 * The optimizers: the state that each keeps for a weight, and how a gradient changes both, as operations in the step's
 * graph.
 */
import type { Value } from "../graph/graph.ts";
import { add, divide, multiply, scale, shift, squareRoot, subtract } from "../ops/arithmetic.ts";

/** One weight in one step: its value, its gradient, the optimizer's state for it, and the scalars of the step. */
export interface UpdateContext {
  readonly weight: Value;
  readonly gradient: Value;
  readonly state: readonly Value[];
  readonly learningRate: Value;
  /** The optimizer's own scalars for this step (see `scalars` in Optimizer). */
  readonly scalars: Readonly<Record<string, Value>>;
  readonly weightDecay: number;
}

export interface Optimizer {
  /** The arrays that are kept for a weight, with its shape, and their initial value. */
  readonly state: readonly { readonly name: string; readonly initial: number }[];
  /** Numbers that change from step to step, computed outside the graph in double precision. Steps count from 0. */
  scalars?(step: number): Record<string, number>;
  update(context: UpdateContext): { weight: Value; state: Value[] };
}

const MOMENTUM = 0.9;
const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** gradient + weightDecay * weight: weight decay as L2 regularization. */
function decayedGradient({ weight, gradient, weightDecay }: UpdateContext): Value {
  return weightDecay === 0 ? gradient : add(gradient, scale(weight, weightDecay));
}

/** Adam's step (Kingma & Ba 2015), with the operations in PyTorch's order. */
function adamUpdate(weight: Value, gradient: Value, { state, learningRate, scalars }: UpdateContext) {
  const [first, second] = state as [Value, Value];
  const mean = add(scale(first, ADAM.beta1), scale(gradient, 1 - ADAM.beta1));
  const square = add(scale(second, ADAM.beta2), scale(multiply(gradient, gradient), 1 - ADAM.beta2));
  const denominator = shift(multiply(squareRoot(square), scalars.inverseRootCorrection!), ADAM.epsilon);
  const size = multiply(learningRate, scalars.inverseMeanCorrection!);
  return { weight: subtract(weight, multiply(size, divide(mean, denominator))), state: [mean, square] };
}

const ADAM_STATE = [
  { name: "mean", initial: 0 },
  { name: "square", initial: 0 },
] as const;

const adamScalars = (step: number) => ({
  inverseMeanCorrection: 1 / (1 - ADAM.beta1 ** (step + 1)),
  inverseRootCorrection: 1 / Math.sqrt(1 - ADAM.beta2 ** (step + 1)),
});

export const OPTIMIZERS = {
  /** Duchi et al. 2011, with the initial accumulator and the epsilon of tf.keras. */
  adagrad: {
    state: [{ name: "accumulator", initial: 0.1 }],
    update(context) {
      const gradient = decayedGradient(context);
      const accumulator = add(context.state[0]!, multiply(gradient, gradient));
      const change = divide(multiply(gradient, context.learningRate), shift(squareRoot(accumulator), 1e-7));
      return { weight: subtract(context.weight, change), state: [accumulator] };
    },
  },
  /** Stochastic gradient descent with momentum 0.9 (Polyak), as in PyTorch. */
  sgd: {
    state: [{ name: "momentum", initial: 0 }],
    update(context) {
      const momentum = add(scale(context.state[0]!, MOMENTUM), decayedGradient(context));
      return { weight: subtract(context.weight, multiply(momentum, context.learningRate)), state: [momentum] };
    },
  },
  /** Kingma & Ba 2015. */
  adam: {
    state: ADAM_STATE,
    scalars: adamScalars,
    update: (context) => adamUpdate(context.weight, decayedGradient(context), context),
  },
  /** Loshchilov & Hutter 2019: Adam, with the weight decay separate from the gradient. */
  adamw: {
    state: ADAM_STATE,
    scalars: adamScalars,
    update(context) {
      const { weight, learningRate, weightDecay } = context;
      const decayed = weightDecay === 0 ? weight : subtract(weight, multiply(scale(learningRate, weightDecay), weight));
      return adamUpdate(decayed, context.gradient, context);
    },
  },
} as const satisfies Record<string, Optimizer>;

export type OptimizerName = keyof typeof OPTIMIZERS;
export const OPTIMIZER_NAMES = Object.keys(OPTIMIZERS) as [OptimizerName, ...OptimizerName[]];
