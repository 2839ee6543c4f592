/**
 * The head: the layers after the blocks and the wide layer, and the loss. They are small, so one thread runs them as a
 * graph.
 */
import { sizeOf } from "../graph/shape.ts";
import { type Arrays, classesOf } from "../nn/model.ts";
import { openGraph } from "../runtime/node/session.ts";
import type { NamedTensor, Session } from "../runtime/session.ts";
import type { Batch, StepOptions, StepResult } from "../training/step.ts";
import { lossFeeds, StepArrays, scalarFeeds } from "../training/step_arrays.ts";
import { buildHeadGraph, randomInputs } from "../training/step_graph.ts";
import { commonLength, type FusedPlan } from "./plan.ts";
import type { Exchange } from "./shared_memory.ts";

/** The head for one batch size, with its input and output arrays. */
interface SizedHead {
  readonly session: Session;
  readonly features: NamedTensor;
  readonly gradient: NamedTensor;
  readonly loss: NamedTensor;
  readonly probabilities: NamedTensor;
  readonly random: { name: string; shape: readonly number[] }[];
}

export class Head {
  readonly #options: StepOptions;
  readonly #plan: FusedPlan;
  readonly #arrays: StepArrays;
  readonly #sized = new Map<number, Promise<SizedHead>>();

  /** @param arrays the arrays of the model and the optimizer; the head uses only its own. */
  constructor(options: StepOptions, plan: FusedPlan, arrays: Arrays) {
    this.#options = { ...options, model: plan.head };
    this.#plan = plan;
    this.#arrays = new StepArrays(this.#options, arrays);
  }

  /** Opens the session for a batch size. */
  async prepare(images: number): Promise<void> {
    if (!this.#sized.has(images)) this.#sized.set(images, this.#open(images));
    await this.#sized.get(images);
  }

  /**
   * Runs forward, loss, backward and the update of the head's weights. Reads the features from the exchange and writes
   * their gradient to it.
   */
  async run(batch: Batch, randomBytes: readonly Uint8Array[], exchange: Exchange): Promise<StepResult> {
    const { session, features, gradient, loss, probabilities, random } = await this.#sized.get(batch.weights.length)!;
    this.#takeFeatures(features.data as Float32Array, exchange);
    const bytes = random.map(({ name, shape }, index) => [name, { data: randomBytes[index]!, shape }] as const);
    const feeds = {
      ...this.#arrays.feeds(session.inputNames),
      ...lossFeeds(batch),
      ...scalarFeeds(this.#options, batch),
      ...Object.fromEntries(bytes),
      features,
    };
    const results = { "features/gradient": gradient, loss, probabilities };
    await session.run(feeds, { ...this.#arrays.results(session.outputNames), ...results });
    this.#arrays.swap();
    this.#giveGradient(gradient.data as Float32Array, exchange);
    return { loss: loss.data[0] as number, probabilities: probabilities.data as Float32Array };
  }

  /** The lengths of the random bytes for a batch, in layer order. */
  async randomLengths(images: number): Promise<number[]> {
    return (await this.#sized.get(images)!).random.map(({ shape }) => sizeOf(shape));
  }

  /** A copy of the head's arrays. */
  state(): Map<string, Float32Array> {
    return this.#arrays.snapshot();
  }

  async close(): Promise<void> {
    for (const head of this.#sized.values()) await (await head).session.close();
  }

  /**
   * Writes the head's input. Without a wide layer it is the blocks' features. With one it is the wide layer's output:
   * the sums of its slices, added in slice order, plus the bias.
   */
  #takeFeatures(features: Float32Array, { wide, common, ...exchange }: Exchange): void {
    if (!this.#plan.wide) {
      features.set(exchange.features.subarray(0, features.length));
      return;
    }
    const { units, slices } = this.#plan.wide;
    const bias = common.weights.subarray(commonLength(this.#plan) - units);
    for (let place = 0; place < features.length; place++) {
      let sum = 0;
      for (let slice = 0; slice < slices; slice++) sum += wide.sums[slice * features.length + place]!;
      features[place] = sum + bias[place % units]!;
    }
  }

  #giveGradient(gradient: Float32Array, { wide, gradients, featureGradients }: Exchange): void {
    if (!this.#plan.wide) {
      featureGradients.set(gradient);
      return;
    }
    wide.gradient.set(gradient);
    const { units } = this.#plan.wide;
    const length = commonLength(this.#plan);
    const sums = new Float64Array(units);
    for (let place = 0; place < gradient.length; place++) sums[place % units]! += gradient[place]!;
    // The bias is the last of the common weights. Its gradient covers the whole batch, so it is in the first group's
    // row.
    gradients.set(sums, length - units);
  }

  async #open(images: number): Promise<SizedHead> {
    const { model } = this.#options;
    const graph = buildHeadGraph(this.#options, images);
    const tensor = (...shape: number[]): NamedTensor => ({ data: new Float32Array(sizeOf(shape)), shape });
    return {
      session: await openGraph(graph, { threads: 1, inPlace: true }),
      features: tensor(images, ...model.inputShape),
      gradient: tensor(images, ...model.inputShape),
      loss: tensor(),
      probabilities: tensor(images, model.layers.length > 0 ? classesOf(model) : sizeOf(model.inputShape)),
      random: randomInputs(graph, model),
    };
  }
}
