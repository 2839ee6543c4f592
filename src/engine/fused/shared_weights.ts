/** One worker's part of the common weights: adds up their gradients over the groups and updates them. */
import type { WorkerOptions } from "./backbone.ts";
import type { Kernels } from "./kernels.ts";
import { type Floats, MemoryPlan } from "./memory.ts";
import { commonLength } from "./plan.ts";
import { groupCount, type Share, shareOf } from "./shares.ts";
import { UPDATES, type UpdateScalars } from "./updates.ts";

export class Common {
  readonly #options: WorkerOptions;
  readonly #share: Share;
  readonly #kernels: Kernels;
  readonly #row: Floats;
  readonly #weights: Floats;
  readonly #gradients: Floats;
  readonly #state: readonly Floats[];

  constructor(options: WorkerOptions) {
    const { plan, exchange, index, workers, profile } = options;
    const memory = new MemoryPlan();
    this.#options = options;
    this.#share = shareOf(commonLength(plan), index, workers);
    const floats = () => memory.reserve(Float32Array, this.#share.count);
    this.#row = floats();
    this.#weights = floats();
    this.#gradients = floats();
    this.#state = exchange.common.state.map(floats);
    const kernels = memory.open();
    this.#kernels = profile ? profile.watch("common", { ...kernels }) : kernels;
  }

  /** Updates this worker's part of the common weights in the exchange. */
  update(images: number, scalars: UpdateScalars): void {
    const { weights, state } = this.#options.exchange.common;
    const { first, count } = this.#share;
    const own = (array: Float32Array) => array.subarray(first, first + count);
    this.#addGroups(groupCount(images));
    this.#weights.view.set(own(weights));
    this.#state.forEach((piece, index) => {
      piece.view.set(own(state[index]!));
    });
    const pieces = { weights: this.#weights.at, gradients: this.#gradients.at, state: this.#state.map(({ at }) => at) };
    UPDATES[this.#options.step.optimizer](this.#kernels, { ...pieces, length: count }, scalars);
    own(weights).set(this.#weights.view);
    this.#state.forEach((piece, index) => {
      own(state[index]!).set(piece.view);
    });
  }

  /** Adds up the gradients of the groups, in group order. */
  #addGroups(groups: number): void {
    const { plan, exchange } = this.#options;
    const { first, count } = this.#share;
    const length = commonLength(plan);
    const row = (group: number) => exchange.gradients.subarray(group * length + first, group * length + first + count);
    this.#gradients.view.set(row(0));
    for (let group = 1; group < groups; group++) {
      this.#row.view.set(row(group));
      this.#kernels.addInto(this.#gradients.at, this.#row.at, count);
    }
  }
}
