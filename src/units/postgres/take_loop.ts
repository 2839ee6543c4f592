/** The loop of a worker: takes a unit, beats for it, lets it be done, settles it; waits if the database is away. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "../../util/context.ts";
import { messageOf, UserError } from "../../util/errors.ts";
import { type AttemptLost, Beats } from "./beats.ts";
import { databaseError, isAway } from "./connection.ts";
import { otherVersionText } from "./follow.ts";
import { type Attempt, UnitQueue } from "./queue.ts";
import { checkedRow, type UnitRow, VERSION } from "./row.ts";
import { workStates } from "./state.ts";

const IDLE_MILLISECONDS = 500;
const [FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS] = [10, 60];

export interface TakenUnit {
  readonly row: UnitRow;
  /** Its signal is also aborted if the unit is lost. */
  readonly context: Context;
}

export interface WorkerOptions {
  readonly id: string;
  readonly name: string;
  readonly untilEmpty: boolean;
  /**
   * Does a unit and publishes it.
   * @returns why it failed; null if it is done
   * @throws UserError with "disk-full" if the machine must pause; any UserError about the row refuses it.
   */
  do(unit: TakenUnit): Promise<string | null>;
}

export interface WorkerCounts {
  done: number;
  failed: number;
}

/** Works until the signal is aborted, or until nothing waits or runs. */
export async function takeUnits(options: WorkerOptions, context: Context): Promise<WorkerCounts> {
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
  readonly #options: WorkerOptions;
  readonly #context: Context;
  readonly #counts: WorkerCounts = { done: 0, failed: 0 };
  #isAway = false;
  #pauseSeconds = FIRST_PAUSE_SECONDS;
  #saidOther: string | undefined;

  constructor(queue: UnitQueue, beats: Beats, options: WorkerOptions, context: Context) {
    this.#queue = queue;
    this.#beats = beats;
    this.#options = options;
    this.#context = context;
  }

  async run(): Promise<WorkerCounts> {
    const { signal } = this.#context;
    while (!signal.aborted) {
      const attempt = await this.#patiently(() => this.#queue.take());
      if (attempt) await this.#doAttempt(attempt);
      else if (this.#options.untilEmpty && (await this.#patiently(() => this.#isEmpty()))) break;
      else await this.#idle();
    }
    signal.throwIfAborted();
    return this.#counts;
  }

  async #isEmpty(): Promise<boolean> {
    const works = await workStates(this.#queue.connections);
    return works.every(({ waiting, running }) => waiting + running === 0);
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

  async #doAttempt(attempt: Attempt): Promise<void> {
    let row: UnitRow;
    try {
      row = checkedRow(attempt.data);
    } catch (error) {
      this.#warn(messageOf(error));
      await this.#patiently(() => this.#queue.refuse(attempt, messageOf(error)));
      return;
    }
    const lost = this.#beats.hold(attempt, row.folder, row.unit);
    try {
      await this.#doRow(attempt, row, lost);
    } finally {
      this.#beats.release(this.#counts.done);
    }
  }

  async #doRow(attempt: Attempt, row: UnitRow, lost: AbortSignal): Promise<void> {
    const { reporter, signal } = this.#context;
    const context: Context = {
      signal: AbortSignal.any([signal, lost]),
      reporter: {
        warn: (sentence) => this.#warn(sentence),
        progress: (progress) => reporter.progress(progress),
        event: (event) => reporter.event(event),
      },
    };
    try {
      const error = await this.#options.do({ row, context });
      const settled = await this.#patiently(() => this.#queue.settle(attempt, row, this.#options.id, error));
      if (settled) this.#counts[error === null ? "done" : "failed"]++;
      this.#pauseSeconds = FIRST_PAUSE_SECONDS;
    } catch (error) {
      await this.#afterError(attempt, row, lost, error);
    }
  }

  async #afterError(attempt: Attempt, row: UnitRow, lost: AbortSignal, error: unknown): Promise<void> {
    const { signal } = this.#context;
    if (signal.aborted) {
      // One try: if the database is away, the unit is offered again when its lease has ended.
      await this.#queue.giveBack(attempt, row).catch(() => {});
    } else if (lost.aborted) {
      this.#warn(`Stopped ${row.unit}: ${(lost.reason as AttemptLost).message}.`);
    } else if (error instanceof UserError && error.code === "disk-full") {
      this.#warn(`${error.message} This worker pauses for ${this.#pauseSeconds} seconds.`);
      await this.#patiently(() => this.#queue.giveBack(attempt, row));
      this.#beats.release(this.#counts.done);
      await this.#wait(this.#pauseSeconds * 1000);
      this.#pauseSeconds = Math.min(2 * this.#pauseSeconds, LONGEST_PAUSE_SECONDS);
    } else if (error instanceof UserError) {
      this.#warn(`${row.unit}: ${error.message}`);
      this.#counts.failed++;
      await this.#patiently(() => this.#queue.settle(attempt, row, this.#options.id, error.message));
    } else {
      this.#warn(`${row.unit}: ${messageOf(error)} This is a bug in cancernet.`);
      await this.#patiently(() => this.#queue.fail(attempt, messageOf(error)));
    }
  }

  #warn(sentence: string): void {
    this.#beats.say(sentence);
    this.#context.reporter.warn(sentence);
  }

  #wait(milliseconds: number): Promise<void> {
    return sleep(milliseconds, undefined, { signal: this.#context.signal }).catch(() => {});
  }
}
