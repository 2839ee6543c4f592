/**
 * The moving average of a model's arrays over a training: it lies where the last steps only jump about (Polyak & Juditsky
 * 1992; as an exponential average in Tarvainen & Valpola 2017). When it is saved, and whether it is used, is left to others.
 */
import { type Arrays, debiasStatistics, type ModelDescription, parametersOf } from "../nn/model.ts";

/** Each update copies all arrays; one in so many steps costs next to nothing, and averages as well. */
const STEPS_BETWEEN_UPDATES = 16;

/** The end of the names under which the averages lie among a training's arrays. */
const SUFFIX = "/average";

export class MovingAverage {
  readonly #model: ModelDescription;
  readonly #decay: number;
  #averages: Arrays | undefined;

  /**
   * @param steps over how many steps the weights are averaged: an update older by so many counts 1 / e as much.
   * @param saved a training's arrays; the averages among them are taken over.
   */
  constructor(model: ModelDescription, steps: number, saved: Arrays) {
    this.#model = model;
    this.#decay = Math.exp(-STEPS_BETWEEN_UPDATES / steps);
    const found = parametersOf(model).flatMap(({ name }) => {
      const array = saved.get(name + SUFFIX);
      return array ? [[name, array.slice()] as const] : [];
    });
    if (found.length > 0) this.#averages = new Map(found);
  }

  /** Whether the arrays are to be taken in after so many steps of the training. */
  isDue(steps: number): boolean {
    return steps % STEPS_BETWEEN_UPDATES === 0;
  }

  /** Takes in the arrays after so many steps, their running statistics freed of where they started. */
  update(arrays: Arrays, steps: number): void {
    const current = debiasStatistics(this.#model, arrays, steps);
    if (!this.#averages) {
      this.#averages = new Map(parametersOf(this.#model).map(({ name }) => [name, current.get(name)!.slice()]));
      return;
    }
    // Early on the average is short, so that the first weights, which are random, are soon forgotten.
    const updates = steps / STEPS_BETWEEN_UPDATES;
    const decay = Math.min(this.#decay, updates / (updates + 9));
    for (const [name, average] of this.#averages) {
      const latest = current.get(name)!;
      for (let i = 0; i < average.length; i++) average[i]! += (1 - decay) * (latest[i]! - average[i]!);
    }
  }

  /** The averaged model; the arrays themselves, freed of their start, if there was no update yet. */
  arrays(current: Arrays, steps: number): Arrays {
    return this.#averages ?? debiasStatistics(this.#model, current, steps);
  }

  /** The averages under the names that the constructor finds them by. */
  saved(): Arrays {
    return new Map([...(this.#averages ?? [])].map(([name, array]) => [name + SUFFIX, array]));
  }
}
