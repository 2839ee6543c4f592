/**
 * The workers of the fused engine, which run each step together. This thread is one of them; the others are separate
 * threads.
 */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { ownScript } from "../../system/own_files.ts";
import { ENDING_MILLISECONDS, endOf } from "../../system/threads.ts";
import { Barrier, PartnerError } from "./barrier.ts";
import type { Profile } from "./profile.ts";
import { type Exchange, type ExchangeOptions, openExchange } from "./shared_memory.ts";
import type { WorkerData } from "./worker.ts";
import { Participant } from "./worker_step.ts";

export class Team {
  readonly exchange: Exchange;
  readonly #threads: readonly Worker[];
  readonly #barrier: Barrier;
  readonly #own: Participant;
  readonly #ended: readonly Promise<void>[];
  #failure: Error | undefined;

  private constructor(exchange: Exchange, threads: readonly Worker[], barrier: Barrier, own: Participant) {
    this.exchange = exchange;
    this.#threads = threads;
    this.#barrier = barrier;
    this.#own = own;
    this.#ended = threads.map(endOf);
    for (const thread of threads) {
      thread.on("error", (error) => {
        this.#failure ??= error instanceof Error ? error : new Error(String(error));
      });
    }
  }

  /** Starts the workers. `fill` writes the weights to the exchange before the workers read them. */
  static async start(
    options: ExchangeOptions & { workers: number; profile?: Profile | undefined },
    fill: (exchange: Exchange) => void,
  ): Promise<Team> {
    const { workers, step, capacity } = options;
    const exchange = openExchange(options);
    fill(exchange);
    const script = ownScript("engine/fused/worker");
    const threads = Array.from({ length: workers - 1 }, (_, index) => {
      const workerData: WorkerData = { step, capacity, workers, index: index + 1, buffer: exchange.buffer };
      return new Worker(script, { workerData });
    });
    const barrier = new Barrier(exchange.control, workers);
    const own = Participant.open({ ...options, exchange, barrier, index: 0 });
    const opened = [own, ...threads.map((thread) => once(thread, "message"))];
    // Terminating a thread while it opens its sessions would abort the process, so wait for all threads first.
    await Promise.allSettled(opened);
    try {
      await Promise.all(opened);
    } catch (error) {
      await Promise.all(threads.map((thread) => thread.terminate()));
      throw error;
    }
    // The threads wait for commands. That must not keep a program from ending.
    for (const thread of threads) thread.unref();
    return new Team(exchange, threads, barrier, await own);
  }

  /** Runs a step on the batch in the exchange. Calls `runHead` between forward and backward. */
  async step(images: number, runHead: () => Promise<unknown>): Promise<void> {
    this.#barrier.order("step", images);
    try {
      await this.#own.step(images, runHead);
    } catch (error) {
      this.#barrier.fail();
      throw await this.#causeOf(error);
    }
  }

  /** Writes all weights to the exchange. */
  save(): void {
    this.#barrier.order("save");
    this.#own.save();
  }

  async close(): Promise<void> {
    this.#barrier.order("close");
    await this.#own.close();
    for (const thread of this.#threads) thread.ref();
    if (this.#failure) await sleep(ENDING_MILLISECONDS);
    else await Promise.all(this.#ended);
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }

  /** The original error: the other thread's error, if that is why this thread failed. */
  async #causeOf(error: unknown): Promise<unknown> {
    if (!(error instanceof PartnerError)) this.#failure = error instanceof Error ? error : new Error(String(error));
    else if (!this.#failure) await Promise.race([...this.#ended, sleep(ENDING_MILLISECONDS)]);
    this.#failure ??= error as PartnerError;
    return this.#failure;
  }
}
