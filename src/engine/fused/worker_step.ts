/** One worker's part of a whole step, with the barriers at which it waits for the other workers. */
import { Trunk, type WorkerOptions } from "./backbone.ts";
import { Wide } from "./sharded_dense.ts";
import { Common } from "./shared_weights.ts";

export class Participant {
  readonly #options: WorkerOptions;
  readonly #trunk: Trunk;
  readonly #wide: Wide | undefined;
  readonly #common: Common;

  private constructor(options: WorkerOptions, trunk: Trunk, wide: Wide | undefined) {
    this.#options = options;
    this.#trunk = trunk;
    this.#wide = wide;
    this.#common = new Common(options);
  }

  static async open(given: WorkerOptions): Promise<Participant> {
    const { barrier, profile } = given;
    const watched = profile?.watch("all workers", { wait: () => barrier.wait() });
    const options = watched ? { ...given, barrier: watched } : given;
    const { wide } = options.plan;
    return new Participant(options, await Trunk.open(options), wide && (await Wide.open(options, wide)));
  }

  /**
   * Runs a step on the batch in the exchange.
   * @param runHead one worker calls this between forward and backward, while the others wait.
   */
  async step(images: number, runHead?: () => Promise<unknown>): Promise<void> {
    const { plan, exchange, step, barrier } = this.#options;
    const [learningRate, number] = exchange.scalars as unknown as [number, number];
    const scalars = { learningRate, weightDecay: step.weightDecay, step: number };
    await this.#trunk.forward(images);
    barrier.wait();
    if (plan.wide) {
      await this.#wide?.forward(images);
      barrier.wait();
    }
    await runHead?.();
    barrier.wait();
    if (plan.wide) {
      await this.#wide?.backward(images);
      barrier.wait();
      this.#wide?.update(scalars);
    }
    await this.#trunk.backward(images);
    barrier.wait();
    this.#common.update(images, scalars);
    barrier.wait();
  }

  /** Writes the weights that only this worker has to the exchange. */
  save(): void {
    this.#wide?.save();
    this.#options.barrier.wait();
  }

  async close(): Promise<void> {
    await this.#trunk.close();
    await this.#wide?.close();
  }
}
