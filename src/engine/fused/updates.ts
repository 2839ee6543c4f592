/** The optimizers of the fused engine by name: the kernel that updates the weights, and its arguments. */
import { OPTIMIZERS, type OptimizerName } from "../training/optimizers.ts";
import type { Kernels, Pointer } from "./kernels.ts";

/**
 * Weights, their gradients and the optimizer's state, whose arrays are in the order of OPTIMIZERS; `length` numbers
 * each.
 */
export interface ParameterUpdate {
  readonly weights: Pointer;
  readonly gradients: Pointer;
  readonly state: readonly Pointer[];
  readonly length: number;
}

/** The numbers that a step passes to the optimizer. Steps count from 0. */
export interface UpdateScalars {
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly step: number;
}

type Update = (kernels: Kernels, updated: ParameterUpdate, scalars: UpdateScalars) => void;

export const UPDATES: { readonly [name in OptimizerName]: Update } = {
  adagrad: (kernels, { weights, gradients, state, length }, { learningRate, weightDecay }) =>
    kernels.adagrad(weights, gradients, state[0]!, length, learningRate, weightDecay),
  sgd: (kernels, { weights, gradients, state, length }, { learningRate, weightDecay }) =>
    kernels.sgd(weights, gradients, state[0]!, length, learningRate, weightDecay),
  adam: (kernels, updated, scalars) => adam(kernels, updated, scalars, scalars.weightDecay, 0),
  adamw: (kernels, updated, scalars) =>
    adam(kernels, updated, scalars, 0, Math.fround(scalars.learningRate) * Math.fround(scalars.weightDecay)),
};

function adam(
  kernels: Kernels,
  { weights, gradients, state, length }: ParameterUpdate,
  { learningRate, step }: UpdateScalars,
  decay: number,
  shrink: number,
): void {
  const { inverseMeanCorrection, inverseRootCorrection } = OPTIMIZERS.adam.scalars(step);
  const [mean, square] = state as [Pointer, Pointer];
  kernels.adam(
    weights,
    gradients,
    mean,
    square,
    length,
    learningRate,
    decay,
    shrink,
    inverseMeanCorrection,
    inverseRootCorrection,
  );
}
