/** The arrays of a training between two steps, twice: a step reads one set and writes the other, so it allocates nothing. */
import { sizeOf } from "../graph/shape.ts";
import type { Arrays } from "../nn/model.ts";
import type { NamedTensor, Tensors } from "../runtime/session.ts";
import { OPTIMIZERS, type Optimizer } from "./optimizers.ts";
import type { Batch, StepOptions } from "./step.ts";
import { stateSpecs, updatedName } from "./step_graph.ts";

/**
 * New arrays for the steps of a training: copies of the model's arrays and, where a training goes on, the optimizer's;
 * missing ones of the optimizer start fresh.
 */
export function startArrays(options: StepOptions, arrays: Arrays): Map<string, Float32Array> {
  return new Map(
    stateSpecs(options).map(({ name, shape, initial }) => {
      const given = arrays.get(name);
      if (!given && initial === undefined) throw new Error(`The array "${name}" of the model is missing.`);
      return [name, given ? given.slice() : new Float32Array(sizeOf(shape)).fill(initial!)];
    }),
  );
}

export class StepArrays {
  #current: Map<string, NamedTensor>;
  #next: Map<string, NamedTensor>;

  /** See startArrays. */
  constructor(options: StepOptions, arrays: Arrays) {
    const specs = stateSpecs(options);
    const start = startArrays(options, arrays);
    this.#current = new Map(specs.map(({ name, shape }) => [name, { data: start.get(name)!, shape }]));
    this.#next = new Map(specs.map(({ name, shape }) => [name, { data: new Float32Array(sizeOf(shape)), shape }]));
  }

  /** The array that the step reads. */
  current(name: string): Float32Array {
    return this.#current.get(name)!.data as Float32Array;
  }

  /** The array that the step writes. */
  next(name: string): Float32Array {
    return this.#next.get(name)!.data as Float32Array;
  }

  /** What a session reads: those of the arrays that it takes. */
  feeds(inputNames: readonly string[]): Tensors {
    return pick(this.#current, inputNames);
  }

  /** Where a session writes: those of the arrays that it gives, under their names as results. */
  results(outputNames: readonly string[]): Tensors {
    const updated = new Map([...this.#next].map(([name, tensor]) => [updatedName(name), tensor]));
    return pick(updated, outputNames);
  }

  /** Ends a step: what was written is read from now on. */
  swap(): void {
    [this.#current, this.#next] = [this.#next, this.#current];
  }

  /** A copy of every array. */
  snapshot(): Map<string, Float32Array> {
    return new Map([...this.#current].map(([name, { data }]) => [name, (data as Float32Array).slice()]));
  }
}

function pick(tensors: Map<string, NamedTensor>, names: readonly string[]): Tensors {
  return Object.fromEntries(names.flatMap((name) => (tensors.has(name) ? [[name, tensors.get(name)!]] : [])));
}

/** The scalars of a step: the learning rate and the optimizer's own. */
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

/** The images of a batch and their changes. */
export function imageFeeds({ imageSize, model, move, recolour }: StepOptions, batch: Batch): Tensors {
  const size = batch.weights.length;
  return {
    images: { data: batch.images, shape: [size, ...imageSize, model.inputShape[0]] },
    ...(move ? { moves: { data: batch.moves!, shape: [size, 2, 3] } } : {}),
    ...(recolour ? { colours: { data: batch.colours!, shape: [size, 3, 4] } } : {}),
  };
}
