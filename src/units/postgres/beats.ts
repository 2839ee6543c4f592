/** The beats of a worker, in a thread of their own: they keep the units that the worker has taken. */
import { Worker } from "node:worker_threads";
import { ownScript } from "../../system/own_files.ts";
import { endOf, letEnd } from "../../system/threads.ts";
import type { BeatNews, Doing, WorkerFacts } from "./beats_thread.ts";
import type { AttemptId } from "./queue.ts";

const WORDS_MILLISECONDS = 500;
const MOST_LETTERS = 500;

/** The reason why an attempt was stopped: it is no longer this worker's, or the database is away. */
export class AttemptLost extends Error {
  override readonly name = "AbortError";
  readonly news: BeatNews["news"];

  constructor(news: BeatNews["news"]) {
    super(news === "lost" ? "another worker has taken the unit" : "the database does not answer");
    this.news = news;
  }
}

export class Beats {
  readonly #thread: Worker;
  readonly #ended: Promise<void>;
  #doing: Doing = { attempts: [], folder: null, unit: null, words: "", done: 0 };
  readonly #held = new Map<string, AbortController>();
  /** Words change often, and are sent with the next beat. */
  #timer: NodeJS.Timeout | undefined;

  constructor(facts: WorkerFacts) {
    this.#thread = new Worker(ownScript("units/postgres/beats_thread"), { workerData: facts, execArgv: [] });
    this.#ended = endOf(this.#thread);
    this.#thread.on("message", ({ id, news }: BeatNews) => this.#held.get(id)?.abort(new AttemptLost(news)));
  }

  /** Beats for an attempt from now on. @returns a signal that is aborted with `AttemptLost` once it is lost */
  hold({ id, retryCount }: AttemptId): AbortSignal {
    const stop = new AbortController();
    this.#held.set(id, stop);
    this.#send({ attempts: [...this.#doing.attempts, { id, retryCount }] });
    return stop.signal;
  }

  /** What the worker is at. */
  begin(folder: string, unit: string): void {
    this.#send({ folder, unit, words: "" });
  }

  /** Ends the beats for an attempt, at which the worker is no more. */
  release({ id }: AttemptId, done: number): void {
    this.#held.delete(id);
    const attempts = this.#doing.attempts.filter((attempt) => attempt.id !== id);
    this.#send({ attempts, folder: null, unit: null, done });
  }

  /** The last words of the worker. */
  say(words: string): void {
    this.#doing = { ...this.#doing, words: words.slice(0, MOST_LETTERS) };
    this.#timer ??= setTimeout(() => this.#send({}), WORDS_MILLISECONDS).unref();
  }

  #send(change: Partial<Doing>): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#doing = { ...this.#doing, ...change };
    this.#thread.postMessage(this.#doing);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#thread.postMessage("end");
    await letEnd(this.#thread, this.#ended);
  }
}
