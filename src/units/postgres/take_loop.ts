/** The loop of a worker: takes a unit, beats for it, lets it be done, settles it; waits if the database is away. */
import { setTimeout as sleep } from "node:timers/promises";
import { progressWords } from "../../reports/progress_text.ts";
import type { Context } from "../../util/context.ts";
import type { ErrorCode } from "../../util/error_codes.ts";
import { messageOf, UserError } from "../../util/errors.ts";
import { counted } from "../../util/numbers.ts";
import { type AttemptLost, Beats } from "./beats.ts";
import { databaseError, isAway } from "./errors.ts";
import { otherVersionText } from "./follow.ts";
import { type Attempt, UnitQueue } from "./queue.ts";
import { checkedRow, type UnitRow, VERSION } from "./row.ts";

const IDLE_MILLISECONDS = 500;
/**
 * A worker takes the next unit while it does one, if units are this short. Longer ones would wait for it while other
 * workers have nothing to do.
 */
const SHORT_MILLISECONDS = 2000;
/** How long a statement may take after a request to stop. */
const FAREWELL_MILLISECONDS = 5000;
/** Units with these errors are never done, by no worker. */
const REFUSALS: readonly ErrorCode[] = ["queue-row-invalid", "path-invalid", "output-mismatch", "results-differ"];
/** These pass without anybody changing the unit, so they do not count as attempts. */
const PASSING: readonly ErrorCode[] = [
  "disk-full",
  "disk-read-only",
  "disk-failed",
  "files-too-many",
  "store-unreachable",
  "store-failed",
];
const [FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS] = [10, 60];

export interface TakenUnit {
  readonly row: UnitRow;
  /** Its signal is also aborted if the unit is lost. */
  readonly context: Context;
}

export interface TakingOptions {
  readonly id: string;
  readonly name: string;
  readonly untilEmpty: boolean;
  /**
   * Does a unit and publishes it.
   * @returns why it failed; null if it is done
   * @throws UserError with a code of REFUSALS if the row must not be done, with one of PASSING if the machine must
   *   pause, or with another one if this machine cannot do it.
   */
  do(unit: TakenUnit): Promise<string | null>;
}

/** A unit that was taken, and the signal that is aborted if it is lost. */
interface Held {
  readonly attempt: Attempt;
  readonly lost: AbortSignal;
}

export interface WorkerCounts {
  done: number;
  failed: number;
}

/** Works until the signal is aborted, or until nothing waits or runs. */
export async function takeUnits(options: TakingOptions, context: Context): Promise<WorkerCounts> {
  const queue = await UnitQueue.open({ supervises: true });
  const beats = new Beats({ id: options.id, name: options.name, version: VERSION });
  try {
    return await new Loop(queue, beats, options, context).run();
  } finally {
    await beats.close();
    await queue.close();
  }
}

class Loop {
  readonly #queue: UnitQueue;
  readonly #beats: Beats;
  readonly #options: TakingOptions;
  readonly #context: Context;
  readonly #counts: WorkerCounts = { done: 0, failed: 0 };
  #isAway = false;
  #pauseSeconds = FIRST_PAUSE_SECONDS;
  #saidOther: string | undefined;
  /** The unit that was taken in advance. */
  #next: Promise<Held | undefined> | undefined;
  /** How long the last unit took. */
  #lastMilliseconds = Number.POSITIVE_INFINITY;

  constructor(queue: UnitQueue, beats: Beats, options: TakingOptions, context: Context) {
    this.#queue = queue;
    this.#beats = beats;
    this.#options = options;
    this.#context = context;
  }

  async run(): Promise<WorkerCounts> {
    const { signal } = this.#context;
    try {
      while (!signal.aborted) {
        const held = (await this.#next) ?? (await this.#take());
        this.#next = undefined;
        if (held) await this.#doAttempt(held);
        else if (this.#options.untilEmpty && (await this.#patiently(() => this.#queue.isEmpty()))) break;
        else await this.#idle();
      }
    } finally {
      await this.#giveNextBack();
    }
    signal.throwIfAborted();
    return this.#counts;
  }

  async #take(): Promise<Held | undefined> {
    const attempt = await this.#patiently(() => this.#queue.take());
    return attempt && { attempt, lost: this.#beats.hold(attempt) };
  }

  /** Gives the unit back that was taken in advance. */
  async #giveNextBack(): Promise<void> {
    const held = await this.#next?.catch(() => undefined);
    this.#next = undefined;
    if (held === undefined) return;
    await this.#giveBack(held.attempt);
    this.#beats.release(held.attempt, this.#counts.done);
  }

  /** One try: if the database is away, the unit is offered again when its lease has ended. */
  async #giveBack(attempt: Attempt): Promise<void> {
    const given = async () => this.#queue.giveBack(attempt, checkedRow(attempt.data));
    await Promise.race([given().catch(() => {}), sleep(FAREWELL_MILLISECONDS, undefined, { ref: false })]);
  }

  async #idle(): Promise<void> {
    const other = await this.#patiently(() => otherVersionText(this.#queue));
    if (other !== undefined && other !== this.#saidOther) this.#warn(other);
    this.#saidOther = other;
    await this.#wait(IDLE_MILLISECONDS);
  }

  /** Asks the database until it answers. @returns undefined if the worker must stop */
  async #patiently<T>(ask: () => Promise<T>): Promise<T | undefined> {
    const { signal, reporter } = this.#context;
    while (!signal.aborted) {
      try {
        const answer = await ask();
        if (this.#isAway) reporter.warn("The database answers again; going on.");
        this.#isAway = false;
        return answer;
      } catch (error) {
        if (!isAway(error)) throw databaseError(error);
        if (!this.#isAway) reporter.warn("The database does not answer; waiting for it.");
        this.#isAway = true;
        await this.#wait(IDLE_MILLISECONDS);
      }
    }
    return undefined;
  }

  async #doAttempt({ attempt, lost }: Held): Promise<void> {
    const begun = performance.now();
    try {
      // A unit that was taken in advance may have been lost before it was begun.
      if (lost.aborted) return;
      const row = await this.#readRow(attempt);
      if (row === undefined) return;
      if (this.#lastMilliseconds < SHORT_MILLISECONDS) this.#takeNext();
      this.#beats.begin(row.folder, row.unit);
      await this.#doRow(attempt, row, lost);
    } finally {
      this.#lastMilliseconds = performance.now() - begun;
      this.#beats.release(attempt, this.#counts.done);
    }
  }

  #takeNext(): void {
    this.#next = this.#take();
    this.#next.catch(() => {}); // The loop awaits it later.
  }

  /** The row of an attempt; undefined if it was refused. */
  async #readRow(attempt: Attempt): Promise<UnitRow | undefined> {
    try {
      return checkedRow(attempt.data);
    } catch (error) {
      this.#warn(messageOf(error));
      await this.#patiently(() => this.#queue.refuse(attempt, messageOf(error)));
      return undefined;
    }
  }

  async #doRow(attempt: Attempt, row: UnitRow, lost: AbortSignal): Promise<void> {
    const { reporter, signal } = this.#context;
    const context: Context = {
      signal: AbortSignal.any([signal, lost]),
      reporter: {
        warn: (sentence) => this.#warn(sentence),
        progress: (progress) => {
          this.#beats.say(progressWords(progress));
          reporter.progress(progress);
        },
        event: (event) => reporter.event(event),
      },
    };
    let error: string | null;
    try {
      error = await this.#options.do({ row, context });
    } catch (thrown) {
      return this.#afterError(attempt, row, lost, thrown);
    }
    await this.#settle(attempt, row, error);
    this.#pauseSeconds = FIRST_PAUSE_SECONDS;
  }

  async #settle(attempt: Attempt, row: UnitRow, error: string | null): Promise<void> {
    const settle = () => this.#queue.settle(attempt, row, this.#options.id, error);
    // A unit that ends after a request to stop is settled too, if the database answers.
    const settled = this.#context.signal.aborted ? await settle().catch(() => false) : await this.#patiently(settle);
    if (settled) this.#counts[error === null ? "done" : "failed"]++;
  }

  async #afterError(attempt: Attempt, row: UnitRow, lost: AbortSignal, error: unknown): Promise<void> {
    if (this.#context.signal.aborted) return this.#giveBack(attempt);
    if (lost.aborted) return this.#warn(`Stopped ${row.unit}: ${(lost.reason as AttemptLost).message}.`);
    if (!(error instanceof UserError)) {
      this.#warn(`${row.unit}: ${messageOf(error)} This is a bug in cancernet.`);
      await this.#patiently(() => this.#queue.fail(attempt, messageOf(error)));
    } else if (REFUSALS.includes(error.code)) {
      this.#warn(`${row.unit}: ${error.message}`);
      await this.#settle(attempt, row, error.message);
    } else {
      const isPassing = PASSING.includes(error.code);
      await this.#patiently(() =>
        isPassing ? this.#queue.giveBack(attempt, row) : this.#queue.fail(attempt, error.message),
      );
      this.#beats.release(attempt, this.#counts.done);
      await this.#pause(error.message);
    }
  }

  /** After trouble of this machine, so that other workers get the units. */
  async #pause(why: string): Promise<void> {
    await this.#giveNextBack();
    this.#warn(`${why} This worker pauses for ${counted(this.#pauseSeconds, "second")}.`);
    await this.#wait(this.#pauseSeconds * 1000);
    this.#pauseSeconds = Math.min(2 * this.#pauseSeconds, LONGEST_PAUSE_SECONDS);
  }

  #warn(sentence: string): void {
    this.#beats.say(sentence);
    this.#context.reporter.warn(sentence);
  }

  #wait(milliseconds: number): Promise<void> {
    return sleep(milliseconds, undefined, { signal: this.#context.signal }).catch(() => {});
  }
}
