/**
 * The fast CPU engine for separable CNNs: the blocks run in fused WebAssembly kernels, one worker thread a core with its
 * share of the batch; ONNX Runtime does their matrix products, and the rest of the model as a graph of its own.
 */
import { sizeOf } from "../graph/shape.ts";
import { type Arrays, classesOf } from "../nn/model.ts";
import { type NamedTensor, Session, type SessionOptions } from "../runtime/session.ts";
import type { Batch, StepOptions, StepResult, TrainingEngine } from "../training/step.ts";
import { lossFeeds, StepArrays, scalarFeeds } from "../training/step_arrays.ts";
import { buildHeadGraph, buildUpdateGraph } from "../training/step_graph.ts";
import { type Exchange, openExchange } from "./exchange.ts";
import { type FusedPlan, planFused, weightNames } from "./plan.ts";
import { Team } from "./team.ts";

/** The head for one batch size, with the memory that it works on. */
interface SizedHead {
  readonly session: Session;
  readonly features: NamedTensor;
  readonly gradient: NamedTensor;
  readonly loss: NamedTensor;
  readonly probabilities: NamedTensor;
  readonly random: { name: string; shape: readonly number[] }[];
}

interface Crew {
  readonly team: Team;
  readonly exchange: Exchange;
  readonly capacity: number;
}

export class FusedEngine implements TrainingEngine {
  readonly #options: StepOptions;
  readonly #workers: number;
  readonly #plan: FusedPlan;
  readonly #head: StepOptions;
  readonly #arrays: StepArrays;
  readonly #heads = new Map<number, Promise<SizedHead>>();
  #update: Promise<Session> | undefined;
  #crew: Crew | undefined;

  /**
   * @param session its threads are the number of workers; the result does not depend on it.
   * @throws Error where the kernels do not run the model, see planFused.
   */
  constructor(options: StepOptions, arrays: Arrays, session: SessionOptions) {
    const model = options.dropout
      ? options.model
      : { ...options.model, layers: options.model.layers.filter(({ kind }) => kind !== "dropout") };
    const plan = planFused(model);
    if (typeof plan === "string") throw new Error(`The fused engine does not run this model: ${plan}.`);
    this.#options = { ...options, model };
    this.#workers = session.threads;
    this.#plan = plan;
    this.#head = { ...this.#options, model: plan.head };
    this.#arrays = new StepArrays(this.#options, arrays);
  }

  async step(batch: Batch): Promise<StepResult> {
    const images = batch.weights.length;
    const { team, exchange } = await this.#crewFor(images);
    const head = await this.#headFor(images);
    this.#handIn(batch, exchange);
    await team.tell({ what: "forward", images });
    const features = head.features.data as Float32Array;
    features.set(exchange.features.subarray(0, features.length));
    await this.#runHead(head, batch);
    exchange.featureGradients.set(head.gradient.data as Float32Array);
    await team.tell({ what: "backward", images });
    await this.#updateBlocks(batch, exchange, images);
    this.#arrays.swap();
    return { loss: head.loss.data[0] as number, probabilities: head.probabilities.data as Float32Array };
  }

  async state(): Promise<Map<string, Float32Array>> {
    return this.#arrays.snapshot();
  }

  async close(): Promise<void> {
    await this.#crew?.team.close();
    await (await this.#update)?.close();
    for (const head of this.#heads.values()) await (await head).session.close();
  }

  /** Puts the batch, the weights and the random bytes where the workers find them. */
  #handIn(batch: Batch, exchange: Exchange): void {
    exchange.images.set(batch.images);
    if (batch.moves) exchange.moves.set(batch.moves);
    if (batch.colours) exchange.colours.set(batch.colours);
    for (const [index, block] of this.#plan.blocks.entries()) {
      const shared = exchange.blocks[index]!;
      for (const [part, name] of Object.entries(weightNames(block))) {
        shared.weights[part as keyof typeof shared.weights].set(this.#arrays.current(name));
      }
      if (!block.dropout) continue;
      const [height, width] = [block.height >> 1, block.width >> 1];
      const length = batch.weights.length * block.convolution.filters * height * width;
      shared.randomBytes.set(batch.randomBytes(length));
    }
  }

  async #runHead(head: SizedHead, batch: Batch): Promise<void> {
    const { session, features, gradient, loss, probabilities, random } = head;
    const bytes = random.map(({ name, shape }) => [name, { data: batch.randomBytes(sizeOf(shape)), shape }] as const);
    const feeds = {
      ...this.#arrays.feeds(session.inputNames),
      ...lossFeeds(batch),
      ...scalarFeeds(this.#head, batch),
      ...Object.fromEntries(bytes),
      features,
    };
    const results = { "features/gradient": gradient, loss, probabilities };
    await session.run(feeds, { ...this.#arrays.results(session.outputNames), ...results });
  }

  /** The optimizer for the weights of the blocks, and their running statistics. */
  async #updateBlocks(batch: Batch, exchange: Exchange, images: number): Promise<void> {
    this.#update ??= this.#openUpdate();
    const session = await this.#update;
    const gradients: Record<string, NamedTensor> = {};
    for (const [index, block] of this.#plan.blocks.entries()) {
      const shared = exchange.blocks[index]!;
      for (const [part, name] of Object.entries(weightNames(block))) {
        const { shape } = block.weights.find((spec) => spec.name === name)!;
        // ONNX Runtime takes no shared memory.
        gradients[`${name}/gradient`] = {
          data: shared.gradients[part as keyof typeof shared.gradients].slice(),
          shape,
        };
      }
      const { name, momentum } = block.normalization;
      const count = images * block.height * block.width;
      const unbiased = count / Math.max(count - 1, 1);
      this.#moveStatistic(`${name}.mean`, momentum, (channel) => shared.statistics[channel * 2]!);
      this.#moveStatistic(`${name}.variance`, momentum, (channel) => shared.statistics[channel * 2 + 1]! * unbiased);
    }
    const feeds = { ...this.#arrays.feeds(session.inputNames), ...gradients, ...scalarFeeds(this.#options, batch) };
    await session.run(feeds, this.#arrays.results(session.outputNames));
  }

  #moveStatistic(name: string, momentum: number, batchValue: (channel: number) => number): void {
    const running = this.#arrays.current(name);
    this.#arrays
      .next(name)
      .set(running.map((value, channel) => momentum * value + (1 - momentum) * batchValue(channel)));
  }

  #openUpdate(): Promise<Session> {
    const weights = this.#plan.blocks.flatMap((block) => block.weights);
    return Session.fromGraph(buildUpdateGraph(this.#options, weights), { threads: 1 });
  }

  /** The workers, with room for a batch of this size; started anew where it is the largest so far. */
  async #crewFor(images: number): Promise<Crew> {
    if (this.#crew && this.#crew.capacity >= images) return this.#crew;
    await this.#crew?.team.close();
    const { model, imageSize, move, recolour } = this.#options;
    const imageBytes = imageSize[0] * imageSize[1] * model.inputShape[0];
    const exchange = openExchange({ plan: this.#plan, capacity: images, imageBytes, move, recolour });
    const workers = this.#workers;
    const team = await Team.start(this.#options, { workers, capacity: images, buffer: exchange.buffer });
    this.#crew = { team, exchange, capacity: images };
    return this.#crew;
  }

  #headFor(images: number): Promise<SizedHead> {
    let head = this.#heads.get(images);
    if (!head) {
      head = this.#openHead(images);
      this.#heads.set(images, head);
    }
    return head;
  }

  async #openHead(images: number): Promise<SizedHead> {
    const { model } = this.#head;
    const graph = buildHeadGraph(this.#head, images);
    const dropouts = new Set(model.layers.flatMap((layer) => (layer.kind === "dropout" ? [layer.name] : [])));
    const random = graph.inputs
      .filter(({ name }) => dropouts.has(name))
      .map(({ name, shape }) => ({ name, shape: shape as number[] }));
    const tensor = (...shape: number[]): NamedTensor => ({ data: new Float32Array(sizeOf(shape)), shape });
    return {
      // One thread: the pool that more would need spins between the head's runs, and takes the cores from the workers.
      session: await Session.fromGraph(graph, { threads: 1 }),
      features: tensor(images, ...model.inputShape),
      gradient: tensor(images, ...model.inputShape),
      loss: tensor(),
      probabilities: tensor(images, classesOf(this.#options.model)),
      random,
    };
  }
}
