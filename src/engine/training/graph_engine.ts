/**
 * The general training engine: runs the step as one graph in ONNX Runtime. It runs any model, and is the reference for
 * all other engines.
 */
import { sizeOf } from "../graph/shape.ts";
import { type Arrays, classesOf } from "../nn/model.ts";
import { DEVICES } from "../runtime/devices.ts";
import type { NamedTensor, RuntimeOptions, Session } from "../runtime/session.ts";
import { DeviceArrays } from "./device_arrays.ts";
import type { Batch, StepOptions, StepResult, TrainingEngine } from "./step.ts";
import { type ArrayStore, imageFeeds, lossFeeds, StepArrays, scalarFeeds } from "./step_arrays.ts";
import { buildStepGraph, randomInputs, stateSpecs, updatedName } from "./step_graph.ts";

/** The step for one batch size, with the memory for its results. */
interface SizedStep {
  readonly session: Session;
  readonly loss: NamedTensor;
  readonly probabilities: NamedTensor;
  /** The random bytes that dropout needs: name and shape. */
  readonly random: { name: string; shape: readonly number[] }[];
}

export class GraphEngine implements TrainingEngine {
  readonly #options: StepOptions;
  readonly #runtime: RuntimeOptions;
  readonly #steps = new Map<number, Promise<SizedStep>>();
  readonly #arrays: ArrayStore;

  /**
   * @param arrays the model's arrays, and the optimizer's to resume a training; missing optimizer arrays are
   *   initialized
   */
  constructor(options: StepOptions, arrays: Arrays, runtime: RuntimeOptions) {
    this.#options = options;
    this.#runtime = { ...runtime, inPlace: true, keep: stateSpecs(options).map(({ name }) => updatedName(name)) };
    this.#arrays = DEVICES[runtime.device ?? "cpu"].keepsArrays
      ? new DeviceArrays(options, arrays, runtime)
      : new StepArrays(options, arrays);
  }

  async step(batch: Batch): Promise<StepResult> {
    const { session, loss, probabilities, random } = await this.#sizedStep(batch.weights.length);
    const bytes = random.map(({ name, shape }) => [name, { data: batch.randomBytes(sizeOf(shape)), shape }] as const);
    const feeds = {
      ...this.#arrays.feeds(session.inputNames),
      ...imageFeeds(this.#options, batch),
      ...lossFeeds(batch),
      ...scalarFeeds(this.#options, batch),
      ...Object.fromEntries(bytes),
    };
    const into = { ...this.#arrays.results(session.outputNames), loss, probabilities };
    const { kept } = await session.runKeeping(feeds, into);
    this.#arrays.swap(kept);
    return { loss: loss.data[0] as number, probabilities: probabilities.data as Float32Array };
  }

  async state(): Promise<Arrays> {
    return this.#arrays.snapshot();
  }

  async close(): Promise<void> {
    await this.#arrays.close?.();
    for (const step of this.#steps.values()) await (await step).session.close();
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
    const { model } = this.#options;
    const classes = classesOf(model);
    return {
      session: await this.#runtime.openGraph(graph, this.#runtime),
      loss: { data: new Float32Array(1), shape: [] },
      probabilities: { data: new Float32Array(size * classes), shape: [size, classes] },
      random: randomInputs(graph, model),
    };
  }
}
