/**
 * The fast CPU engine for separable CNNs. The blocks run in fused WebAssembly kernels, with one worker per thread and a
 * share of the batch for each worker. ONNX Runtime computes the matrix products of the blocks, and runs the rest of the
 * model as a separate graph.
 */
import type { Arrays, ModelDescription } from "../nn/model.ts";
import type { SessionOptions } from "../runtime/session.ts";
import { OPTIMIZERS } from "../training/optimizers.ts";
import type { Batch, StepOptions, StepResult, TrainingEngine } from "../training/step.ts";
import { initialArrays } from "../training/step_arrays.ts";
import { stateSpecs, trainedModel } from "../training/step_graph.ts";
import { trunkBytes } from "./block_memory.ts";
import { Head } from "./head.ts";
import { requirePages } from "./kernels.ts";
import { type Block, type FusedPlan, planFused } from "./plan.ts";
import { type Profile, timed } from "./profile.ts";
import type { Exchange, TrainedArrays } from "./shared_memory.ts";
import { imageShare } from "./shares.ts";
import { Team } from "./worker_pool.ts";

export class FusedEngine implements TrainingEngine {
  readonly #options: StepOptions;
  readonly #workers: number;
  readonly #profile: Profile | undefined;
  readonly #plan: FusedPlan;
  readonly #head: Head;
  /** All arrays except those of the head. While `#team` is set, the workers' copies are newer. */
  readonly #arrays: Map<string, Float32Array>;
  #team: { team: Team; capacity: number } | undefined;

  /**
   * @param session `threads` is the number of workers; the result does not depend on it.
   * @param profile collects the times of this thread's part.
   * @throws Error if the kernels do not support the model, see planFused.
   */
  constructor(options: StepOptions, arrays: Arrays, session: SessionOptions, profile?: Profile) {
    const model = trainedModel(options);
    const plan = planFused(model);
    if (typeof plan === "string") throw new Error(`The fused engine does not run this model: ${plan}.`);
    this.#options = { ...options, model };
    this.#workers = session.threads;
    this.#profile = profile;
    this.#plan = plan;
    this.#head = new Head(this.#options, plan, arrays);
    this.#arrays = new Map(
      [...initialArrays(this.#options, arrays)].map(([name, { data }]) => [name, data as Float32Array]),
    );
  }

  /**
   * Checks that each worker's share of a batch fits into its memory.
   * @throws UserError if it does not fit.
   */
  static requireMemory(model: ModelDescription, { images, threads }: { images: number; threads: number }): void {
    const plan = planFused(model);
    if (typeof plan !== "string") requirePages(trunkBytes(plan, imageShare(images, 0, threads).count));
  }

  async step(batch: Batch): Promise<StepResult> {
    const images = batch.weights.length;
    const team = await this.#teamFor(images);
    await this.#head.prepare(images);
    const { exchange } = team;
    const randomBytes = await timed(this.#profile, "hand in", () => this.#handIn(batch, exchange));
    let result: StepResult | undefined;
    const runHead = async () => {
      result = await this.#head.run(batch, randomBytes, exchange);
    };
    await team.step(images, () => timed(this.#profile, "head", runHead));
    for (const [index, block] of this.#plan.blocks.entries()) {
      this.#moveStatistics(block, exchange.blocks[index]!.statistics, images);
    }
    return result!;
  }

  async state(): Promise<Map<string, Float32Array>> {
    if (this.#team) this.#fetch(this.#team.team);
    const arrays = new Map([...this.#arrays, ...this.#head.state()]);
    return new Map(stateSpecs(this.#options).map(({ name }) => [name, arrays.get(name)!.slice()]));
  }

  async close(): Promise<void> {
    await this.#team?.team.close();
    await this.#head.close();
  }

  /** Copies the batch and the random bytes of the blocks to the exchange. Returns the random bytes of the head. */
  async #handIn(batch: Batch, exchange: Exchange): Promise<Uint8Array[]> {
    exchange.scalars.set([batch.learningRate, batch.step]);
    exchange.images.set(batch.images);
    if (batch.moves) exchange.moves.set(batch.moves);
    if (batch.colours) exchange.colours.set(batch.colours);
    for (const [index, { dropout, convolution, height, width }] of this.#plan.blocks.entries()) {
      if (!dropout) continue;
      const length = batch.weights.length * convolution.filters * (height >> 1) * (width >> 1);
      exchange.blocks[index]!.randomBytes.set(batch.randomBytes(length));
    }
    return (await this.#head.randomLengths(batch.weights.length)).map(batch.randomBytes);
  }

  /** Updates the running statistics of a block, see applyBatchNormalization in nn/layers.ts. */
  #moveStatistics({ normalization, height, width }: Block, statistics: Float64Array, images: number): void {
    const { name, momentum } = normalization;
    const count = images * height * width;
    const unbiased = count / Math.max(count - 1, 1);
    const means = this.#arrays.get(`${name}.mean`)!;
    const variances = this.#arrays.get(`${name}.variance`)!;
    for (let channel = 0; channel < means.length; channel++) {
      means[channel] = momentum * means[channel]! + (1 - momentum) * statistics[channel * 2]!;
      const variance = statistics[channel * 2 + 1]! * unbiased;
      variances[channel] = momentum * variances[channel]! + (1 - momentum) * variance;
    }
  }

  /**
   * Returns workers with enough memory for this batch size. Restarts them if the batch is larger than all before it.
   */
  async #teamFor(images: number): Promise<Team> {
    if (this.#team && this.#team.capacity >= images) return this.#team.team;
    if (this.#team) {
      this.#fetch(this.#team.team);
      await this.#team.team.close();
      this.#team = undefined;
    }
    const team = await Team.start(
      { plan: this.#plan, step: this.#options, capacity: images, workers: this.#workers, profile: this.#profile },
      (exchange) => this.#eachTrained(exchange, (array, shared) => shared.set(array)),
    );
    this.#team = { team, capacity: images };
    return team;
  }

  #fetch(team: Team): void {
    team.save();
    this.#eachTrained(team.exchange, (array, shared) => array.set(shared));
  }

  /** Calls `visit` with every array that the workers train and its view in the exchange. */
  #eachTrained({ common, wide }: Exchange, visit: (array: Float32Array, shared: Float32Array) => void): void {
    const { state } = OPTIMIZERS[this.#options.optimizer];
    const visitAll = (name: string, trained: TrainedArrays, start: number, length: number) => {
      visit(this.#arrays.get(name)!, trained.weights.subarray(start, start + length));
      for (const [index, part] of state.entries()) {
        visit(this.#arrays.get(`${name}/${part.name}`)!, trained.state[index]!.subarray(start, start + length));
      }
    };
    for (const { name, start, length } of this.#plan.common) visitAll(name, common, start, length);
    const layer = this.#plan.wide;
    if (layer) visitAll(layer.weight, wide, 0, layer.inputs * layer.units);
  }
}
