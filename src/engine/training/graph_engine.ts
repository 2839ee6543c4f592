/** The general training engine: the step as one graph, run by ONNX Runtime; any model, the reference for all others. */
import { sizeOf } from "../graph/shape.ts";
import { type Arrays, classesOf } from "../nn/model.ts";
import { type NamedTensor, Session, type SessionOptions } from "../runtime/session.ts";
import { OPTIMIZERS, type Optimizer } from "./optimizers.ts";
import type { Batch, StepOptions, StepResult, TrainingEngine } from "./step.ts";
import { buildStepGraph, stateSpecs, updatedName } from "./step_graph.ts";

/** The step for one batch size, with the memory of its results. */
interface SizedStep {
  readonly session: Session;
  readonly loss: NamedTensor;
  readonly probabilities: NamedTensor;
  /** The random bytes that dropout wants: name and shape. */
  readonly random: { name: string; shape: readonly number[] }[];
}

/** Two sets of arrays take turns: a step reads one and writes the other, so that it allocates nothing. */
export class GraphEngine implements TrainingEngine {
  readonly #options: StepOptions;
  readonly #session: SessionOptions;
  readonly #classes: number;
  readonly #steps = new Map<number, Promise<SizedStep>>();
  #current: Record<string, NamedTensor>;
  #next: Record<string, NamedTensor>;

  /** `arrays` holds the model's arrays, and the optimizer's where a training goes on; missing ones start fresh. */
  constructor(options: StepOptions, arrays: Arrays, session: SessionOptions) {
    this.#options = options;
    this.#session = session;
    this.#classes = classesOf(options.model);
    const specs = stateSpecs(options);
    this.#current = Object.fromEntries(
      specs.map(({ name, shape, initial }) => {
        const given = arrays.get(name);
        if (!given && initial === undefined) throw new Error(`The array "${name}" of the model is missing.`);
        return [name, { data: given ? given.slice() : new Float32Array(sizeOf(shape)).fill(initial!), shape }];
      }),
    );
    this.#next = Object.fromEntries(
      specs.map(({ name, shape }) => [name, { data: new Float32Array(sizeOf(shape)), shape }]),
    );
  }

  async step(batch: Batch): Promise<StepResult> {
    const { session, loss, probabilities, random } = await this.#sizedStep(batch.weights.length);
    const feeds = { ...this.#current, ...this.#batchFeeds(batch) };
    for (const { name, shape } of random) feeds[name] = { data: batch.randomBytes(sizeOf(shape)), shape };
    const updated = Object.fromEntries(Object.entries(this.#next).map(([name, tensor]) => [updatedName(name), tensor]));
    await session.run(feeds, { ...updated, loss, probabilities });
    [this.#current, this.#next] = [this.#next, this.#current];
    return { loss: loss.data[0] as number, probabilities: probabilities.data as Float32Array };
  }

  state(): Map<string, Float32Array> {
    return new Map(Object.entries(this.#current).map(([name, { data }]) => [name, (data as Float32Array).slice()]));
  }

  async close(): Promise<void> {
    for (const step of this.#steps.values()) await (await step).session.close();
  }

  #batchFeeds(batch: Batch): Record<string, NamedTensor> {
    const { imageSize, optimizer: name, move, recolour } = this.#options;
    const size = batch.weights.length;
    const optimizer: Optimizer = OPTIMIZERS[name];
    const scalars = { learningRate: batch.learningRate, ...optimizer.scalars?.(batch.step) };
    return {
      images: { data: batch.images, shape: [size, ...imageSize, this.#options.model.inputShape[0]] },
      targets: { data: batch.targets, shape: [size, this.#classes] },
      weights: { data: batch.weights, shape: [size] },
      ...(move ? { moves: { data: batch.moves!, shape: [size, 2, 3] } } : {}),
      ...(recolour ? { colours: { data: batch.colours!, shape: [size, 3, 4] } } : {}),
      ...Object.fromEntries(
        Object.entries(scalars).map(([scalar, value]) => [scalar, { data: Float32Array.of(value), shape: [] }]),
      ),
    };
  }

  #sizedStep(size: number): Promise<SizedStep> {
    let step = this.#steps.get(size);
    if (!step) {
      step = this.#buildStep(size);
      this.#steps.set(size, step);
    }
    return step;
  }

  async #buildStep(size: number): Promise<SizedStep> {
    const graph = buildStepGraph(this.#options, size);
    const dropouts = new Set(
      this.#options.model.layers.flatMap((layer) => (layer.kind === "dropout" ? [layer.name] : [])),
    );
    const random = graph.inputs
      .filter(({ name }) => dropouts.has(name))
      .map(({ name, shape }) => ({ name, shape: shape as number[] }));
    return {
      session: await Session.fromGraph(graph, this.#session),
      loss: { data: new Float32Array(1), shape: [] },
      probabilities: { data: new Float32Array(size * this.#classes), shape: [size, this.#classes] },
      random,
    };
  }
}
