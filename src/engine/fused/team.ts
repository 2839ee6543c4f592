/** The worker threads of the fused engine, told to do the same thing at the same time. */
import { Worker } from "node:worker_threads";
import type { StepOptions } from "../training/step.ts";
import type { Command, WorkerData } from "./worker.ts";

export class Team {
  readonly #workers: readonly Worker[];
  /** Set once one of them has failed: the others may wait for it for ever, so nothing more is asked of them. */
  #failure: Error | undefined;

  private constructor(workers: readonly Worker[]) {
    this.#workers = workers;
    for (const worker of workers) {
      worker.once("error", (error) => {
        this.#failure ??= error instanceof Error ? error : new Error(String(error));
      });
    }
  }

  static async start(
    step: StepOptions,
    options: { workers: number; capacity: number; buffer: SharedArrayBuffer },
  ): Promise<Team> {
    const script = new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url);
    const workers = Array.from({ length: options.workers }, (_, index) => {
      const workerData: WorkerData = { step, index, ...options };
      return new Worker(script, { workerData });
    });
    const team = new Team(workers);
    try {
      const answers = team.#eachAnswer();
      // One that is ended while it opens its sessions would abort the process.
      await Promise.allSettled(answers);
      await Promise.all(answers);
    } catch (error) {
      await team.close();
      throw error;
    }
    return team;
  }

  /** Tells all workers, and waits until all have done it. */
  async tell(command: Command): Promise<void> {
    if (this.#failure) throw this.#failure;
    const answers = Promise.all(this.#eachAnswer());
    for (const worker of this.#workers) worker.postMessage(command);
    await answers;
  }

  async close(): Promise<void> {
    if (!this.#failure) await this.tell({ what: "close" });
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  /** The next answer of each worker; fails where it fails. */
  #eachAnswer(): Promise<unknown>[] {
    return this.#workers.map(
      (worker) =>
        new Promise((resolve, reject) => {
          const settle = (end: () => void) => {
            worker.off("message", answered);
            worker.off("error", failed);
            end();
          };
          const answered = (answer: unknown) => settle(() => resolve(answer));
          const failed = (error: unknown) => settle(() => reject(error));
          worker.once("message", answered);
          worker.once("error", failed);
        }),
    );
  }
}
