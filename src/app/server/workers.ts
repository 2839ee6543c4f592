/** The studio's look at the queue. It stays connected while the page asks, and looks again after the database was away. */
import type { QueueOptions } from "../../options/queue.ts";
import { UnitQueue } from "../../units/postgres/queue.ts";
import { UserError } from "../../util/errors.ts";
import { queueReport } from "../../workflows/queue_report.ts";
import type { WorkersAnswer } from "../api/workers.ts";

export class WorkersView {
  #open: Promise<UnitQueue> | undefined;

  /** Shows the queue after an action; a sentence if there is no queue. */
  async ask(options: QueueOptions): Promise<WorkersAnswer> {
    try {
      this.#open ??= UnitQueue.open({ supervises: false });
      return { report: await queueReport(await this.#open, options) };
    } catch (error) {
      await this.close();
      if (error instanceof UserError) return { none: error.message };
      throw error;
    }
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.then(
      (queue) => queue.close(),
      () => {},
    );
  }
}
