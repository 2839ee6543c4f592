/** The arrays of a training between two steps, and the other inputs of a step. */
import { sizeOf } from "../graph/shape.ts";
import type { Arrays } from "../nn/model.ts";
import type { DeviceTensor, Feeds, NamedTensor, Tensors } from "../runtime/session.ts";
import { OPTIMIZERS, type Optimizer } from "./optimizers.ts";
import type { Batch, StepOptions } from "./step.ts";
import { stateSpecs, updatedName } from "./step_graph.ts";

/** Keeps the arrays of a training between two steps. */
export interface ArrayStore {
  /** The arrays that are inputs of a session. */
  feeds(inputNames: readonly string[]): Feeds;
  /** The arrays that are outputs of a session and have memory for them. */
  results(outputNames: readonly string[]): Tensors;
  /** Ends a step: the arrays that were written, or kept on the device, become the current ones. */
  swap(kept: ReadonlyMap<string, DeviceTensor>): void;
  /** A copy of every array. */
  snapshot(): Arrays | Promise<Arrays>;
  /** Frees what the arrays use on the device. Call it before the sessions of the steps are closed. */
  close?(): Promise<void>;
}

/**
 * The arrays at the start of a training: copies of the given ones, and initial values for missing optimizer arrays.
 * @throws Error if an array of the model is missing.
 */
export function initialArrays(options: StepOptions, arrays: Arrays): Map<string, NamedTensor> {
  return new Map(
    stateSpecs(options).map(({ name, shape, initial }) => {
      const given = arrays.get(name);
      if (!given && initial === undefined) throw new Error(`The array "${name}" of the model is missing.`);
      return [name, { data: given ? given.slice() : new Float32Array(sizeOf(shape)).fill(initial!), shape }];
    }),
  );
}

/** Two sets of the arrays in memory. A step reads one set and writes the other, so it allocates nothing. */
export class StepArrays implements ArrayStore {
  #current: Map<string, NamedTensor>;
  #next: Map<string, NamedTensor>;

  /**
   * @param arrays the model's arrays, and the optimizer's to resume a training; missing optimizer arrays are
   *   initialized
   */
  constructor(options: StepOptions, arrays: Arrays) {
    this.#current = initialArrays(options, arrays);
    this.#next = new Map(
      [...this.#current].map(([name, { data, shape }]) => [name, { data: new Float32Array(data.length), shape }]),
    );
  }

  feeds(inputNames: readonly string[]): Tensors {
    return pick(this.#current, inputNames);
  }

  results(outputNames: readonly string[]): Tensors {
    const updated = new Map([...this.#next].map(([name, tensor]) => [updatedName(name), tensor]));
    return pick(updated, outputNames);
  }

  swap(): void {
    [this.#current, this.#next] = [this.#next, this.#current];
  }

  snapshot(): Arrays {
    return new Map([...this.#current].map(([name, { data }]) => [name, (data as Float32Array).slice()]));
  }
}

/** The tensors that have one of the names. */
export function pick<T>(tensors: ReadonlyMap<string, T>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(names.flatMap((name) => (tensors.has(name) ? [[name, tensors.get(name)!]] : [])));
}

/** The scalars of a step: the learning rate, and the optimizer's own. */
export function scalarFeeds({ optimizer: name }: StepOptions, { learningRate, step }: Batch): Tensors {
  const optimizer: Optimizer = OPTIMIZERS[name];
  const scalars = { learningRate, ...optimizer.scalars?.(step) };
  return Object.fromEntries(
    Object.entries(scalars).map(([scalar, value]) => [scalar, { data: Float32Array.of(value), shape: [] }]),
  );
}

/** The targets and weights of a batch. */
export function lossFeeds({ targets, weights }: Batch): Tensors {
  const size = weights.length;
  return {
    targets: { data: targets, shape: [size, targets.length / size] },
    weights: { data: weights, shape: [size] },
  };
}

/** The images of a batch, and the matrices that move and recolour them. */
export function imageFeeds({ imageSize, model, move, recolour }: StepOptions, batch: Batch): Tensors {
  const size = batch.weights.length;
  return {
    images: { data: batch.images, shape: [size, ...imageSize, model.inputShape[0]] },
    ...(move ? { moves: { data: batch.moves!, shape: [size, 2, 3] } } : {}),
    ...(recolour ? { colours: { data: batch.colours!, shape: [size, 3, 4] } } : {}),
  };
}
