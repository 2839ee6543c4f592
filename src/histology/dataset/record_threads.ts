/** Packs plain PNG files in worker threads. record_worker.ts is the code of a thread. */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { ownScript } from "../../system/own_files.ts";
import type { GroupMessage, RecordFile, RecordOrder, StoredPicture } from "./store_record.ts";

/** More would wait for the disk. */
const MOST_THREADS = 4;
/** Starting threads takes about as long as decoding this many patches. */
const FEW = 2000;
/** A thread keeps nothing of a patch, so a small heap for new objects is enough. By default it would grow to some 50 MB. */
const HEAP = { maxYoungGenerationSizeMb: 8 };

/** What became of each file: its picture is stored, or it is left to the caller. */
export type Outcomes = readonly (StoredPicture | undefined)[];

/** Threads that write records until they are closed. */
export class RecordThreads {
  readonly #threads: readonly Thread[];

  constructor() {
    const count = Math.min(MOST_THREADS, availableParallelism());
    this.#threads = Array.from({ length: count }, () => new Thread());
  }

  /** Starts threads for this many files; undefined if they would not be worth it. */
  static startFor(files: number): RecordThreads | undefined {
    return files > FEW ? new RecordThreads() : undefined;
  }

  /** The number of groups of orders that keep all threads busy: one in work and one waiting for each. */
  get groupsAtOnce(): number {
    return 2 * this.#threads.length;
  }

  /**
   * Reads, decodes and stores the files that are plain PNG files (see `decodePlainPng`) and leaves the others to the
   * caller, also those that cannot be read or written.
   */
  store(file: RecordFile, orders: readonly RecordOrder[]): Promise<Outcomes> {
    const [idlest] = this.#threads.toSorted((a, b) => a.groups - b.groups);
    return idlest!.store(file, orders);
  }

  /** Ends the threads, which leave unanswered orders undone. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}

interface Pending {
  readonly done: (outcomes: Outcomes) => void;
  readonly failed: (error: unknown) => void;
}

/** A thread that answers the groups in the order in which they are given to it. */
class Thread {
  readonly #worker: Worker;
  readonly #pending: Pending[] = [];
  #failure: unknown;

  constructor() {
    // The thread does not inherit this process's Node options, such as a profiler.
    this.#worker = new Worker(ownScript("histology/dataset/record_worker"), { execArgv: [], resourceLimits: HEAP });
    this.#worker.on("message", (outcomes: Outcomes) => this.#pending.shift()!.done(outcomes));
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", () => this.#fail(new Error("a thread that decodes patches has ended")));
  }

  /** The number of groups that it has not answered yet. */
  get groups(): number {
    return this.#pending.length;
  }

  store(file: RecordFile, orders: readonly RecordOrder[]): Promise<Outcomes> {
    if (this.#failure) return Promise.reject(this.#failure);
    this.#worker.postMessage({ file, orders } satisfies GroupMessage);
    return new Promise((done, failed) => this.#pending.push({ done, failed }));
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    for (const { failed } of this.#pending.splice(0)) failed(this.#failure);
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
