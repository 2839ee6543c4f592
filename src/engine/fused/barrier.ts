/** How the workers wait for each other and for what to do next: a few words of shared memory. */

/** What the engine orders its workers to do. */
export const BARRIER_COMMANDS = ["step", "save", "close"] as const;
export type Command = (typeof BARRIER_COMMANDS)[number];

/** The words, by place. */
const ARRIVED = 0;
const GENERATION = 1;
const ORDERS = 2;
const COMMAND = 3;
const IMAGES = 4;
const FAILED = 5;
export const CONTROL_WORDS = 6;

/**
 * How often a worker looks before it sleeps: the others are usually a few microseconds behind. More would take the core
 * from other programs.
 */
const LOOKS = 50_000;
/** One that has to wait longer for the others than this waits for nobody. */
const PATIENCE_SECONDS = 60;

/** Waits until a word is no longer what it was; false if that takes longer than `seconds`. */
function waitForChange(control: Int32Array, word: number, value: number, seconds: number): boolean {
  for (let look = 0; look < LOOKS; look++) if (Atomics.load(control, word) !== value) return true;
  // Second by second: a process that was stopped for a while has not waited.
  for (let second = 0; second < seconds; second++) {
    Atomics.wait(control, word, value, 1000);
    // Being woken is no proof: who changed the word may have been held up before waking those that wait, and wakes them only
    // when they wait for the next change already.
    if (Atomics.load(control, word) !== value) return true;
  }
  return false;
}

/** A worker cannot go on because of another; the other's error says why. */
export class PartnerError extends Error {
  override readonly name = "PartnerError";
}

export class Barrier {
  readonly #control: Int32Array;
  readonly #workers: number;

  /** @param control CONTROL_WORDS words of shared memory, the same for all. */
  constructor(control: Int32Array, workers: number) {
    this.#control = control;
    this.#workers = workers;
  }

  /**
   * Waits until all workers have come here. What each wrote before is then seen by all.
   * @throws PartnerError if one of them has failed.
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

  /** Lets the others know that this one will never come. */
  fail(): void {
    Atomics.store(this.#control, FAILED, 1);
    Atomics.add(this.#control, GENERATION, 1);
    Atomics.notify(this.#control, GENERATION);
  }

  /** Orders what the workers do next, with a number of images. */
  order(command: Command, images = 0): void {
    Atomics.store(this.#control, COMMAND, BARRIER_COMMANDS.indexOf(command));
    Atomics.store(this.#control, IMAGES, images);
    Atomics.add(this.#control, ORDERS, 1);
    Atomics.notify(this.#control, ORDERS);
  }

  /** Waits for the order that follows the first `given`. */
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
