/** Synchronizes the workers through a few words of shared memory: a barrier, and the next command. */

/** The commands that the engine gives to its workers. */
export const BARRIER_COMMANDS = ["step", "save", "close"] as const;
export type Command = (typeof BARRIER_COMMANDS)[number];

/** The indices of the words. */
const ARRIVED = 0;
const GENERATION = 1;
const ORDERS = 2;
const COMMAND = 3;
const IMAGES = 4;
const FAILED = 5;
export const CONTROL_WORDS = 6;

/**
 * How often a worker polls before it sleeps. The other workers are usually a few microseconds behind. Longer polling
 * would take the core from other programs.
 */
const LOOKS = 50_000;
/** A worker that waits longer than this for the others gives up. */
const PATIENCE_SECONDS = 60;

/** Waits until a word differs from `value`. Returns false if that takes longer than `seconds`. */
function waitForChange(control: Int32Array, word: number, value: number, seconds: number): boolean {
  for (let look = 0; look < LOOKS; look++) if (Atomics.load(control, word) !== value) return true;
  // Wait one second at a time: the time for which a process is suspended must not count as waiting.
  for (let second = 0; second < seconds; second++) {
    Atomics.wait(control, word, value, 1000);
    // Waking up does not prove that the word changed. The thread that made the previous change may have been delayed
    // before its notification, which then arrives while this thread already waits for the next change.
    if (Atomics.load(control, word) !== value) return true;
  }
  return false;
}

/** Thrown if a worker cannot continue because of another worker. The other worker's error states the cause. */
export class PartnerError extends Error {
  override readonly name = "PartnerError";
}

export class Barrier {
  readonly #control: Int32Array;
  readonly #workers: number;

  /** @param control CONTROL_WORDS words of shared memory, the same for all workers. */
  constructor(control: Int32Array, workers: number) {
    this.#control = control;
    this.#workers = workers;
  }

  /**
   * Waits until all workers have called this function. Everything that a worker wrote before is then visible to all.
   * @throws PartnerError if another worker has failed, or does not arrive within PATIENCE_SECONDS.
   */
  wait(): void {
    const control = this.#control;
    const generation = Atomics.load(control, GENERATION);
    if (Atomics.add(control, ARRIVED, 1) + 1 === this.#workers) {
      Atomics.store(control, ARRIVED, 0);
      Atomics.add(control, GENERATION, 1);
      Atomics.notify(control, GENERATION);
    } else if (!waitForChange(control, GENERATION, generation, PATIENCE_SECONDS)) {
      throw new PartnerError("The other workers of the fused engine do not answer.");
    }
    if (Atomics.load(control, FAILED) !== 0) throw new PartnerError("Another worker of the fused engine failed.");
  }

  /** Signals to the other workers that this one has failed and will not arrive. */
  fail(): void {
    Atomics.store(this.#control, FAILED, 1);
    Atomics.add(this.#control, GENERATION, 1);
    Atomics.notify(this.#control, GENERATION);
  }

  /** Gives the workers their next command. `images` is the number of images in a step. */
  order(command: Command, images = 0): void {
    Atomics.store(this.#control, COMMAND, BARRIER_COMMANDS.indexOf(command));
    Atomics.store(this.#control, IMAGES, images);
    Atomics.add(this.#control, ORDERS, 1);
    Atomics.notify(this.#control, ORDERS);
  }

  /** Waits for the next command after the first `given` commands. */
  nextOrder(given: number): { command: Command; images: number } {
    if (Atomics.load(this.#control, ORDERS) === given) {
      waitForChange(this.#control, ORDERS, given, Number.POSITIVE_INFINITY);
    }
    return {
      command: BARRIER_COMMANDS[Atomics.load(this.#control, COMMAND)]!,
      images: Atomics.load(this.#control, IMAGES),
    };
  }
}
