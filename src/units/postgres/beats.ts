/** The beats of a worker, in a thread of their own: they keep the unit that the worker has taken. */
import { Worker } from "node:worker_threads";
import { endOf, letEnd, scriptBeside } from "../../system/threads.ts";
import type { BeatNews, Doing, WorkerFacts } from "./beats_thread.ts";
import type { Attempt } from "./queue.ts";

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
  #doing: Doing = { attempt: null, folder: null, unit: null, words: "", done: 0 };
  #held: { readonly id: string; readonly stop: AbortController } | undefined;

  constructor(facts: WorkerFacts) {
    this.#thread = new Worker(scriptBeside(import.meta.url, "beats_thread"), { workerData: facts });
    this.#ended = endOf(this.#thread);
    this.#thread.on("message", ({ id, news }: BeatNews) => {
      if (this.#held?.id === id) this.#held.stop.abort(new AttemptLost(news));
    });
  }

  /** Beats for an attempt from now on. @returns a signal that is aborted with `AttemptLost` once it is lost */
  hold({ id, retryCount }: Attempt, folder: string, unit: string): AbortSignal {
    const stop = new AbortController();
    this.#held = { id, stop };
    this.#send({ attempt: { id, retryCount }, folder, unit });
    return stop.signal;
  }

  /** Ends the beats for the attempt. */
  release(done: number): void {
    this.#held = undefined;
    this.#send({ attempt: null, folder: null, unit: null, done });
  }

  /** The last words of the worker. */
  say(words: string): void {
    if (words !== this.#doing.words) this.#send({ words });
  }

  #send(change: Partial<Doing>): void {
    this.#doing = { ...this.#doing, ...change };
    this.#thread.postMessage(this.#doing);
  }

  async close(): Promise<void> {
    this.#thread.postMessage("end");
    await letEnd(this.#thread, this.#ended);
  }
}
