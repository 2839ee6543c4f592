/** The command "queue": what waits, runs and failed in the queue, and which workers there are; retry and drain. */
import { checkedOptions } from "../options/checked_options.ts";
import { type QueueOptions, queueOptions } from "../options/queue.ts";
import type { QueueReport } from "../reports/queue/report.ts";
import { UnitQueue } from "../units/postgres/queue.ts";
import type { Context } from "../util/context.ts";
import { queueReport } from "./queue_report.ts";

/**
 * Shows the queue after the action.
 * @throws UserError if the database is not named, is away or refuses.
 */
export async function queue(given: QueueOptions, _: Context): Promise<QueueReport> {
  const options = checkedOptions(queueOptions, given);
  const open = await UnitQueue.open({ supervises: false });
  try {
    return await queueReport(open, options);
  } finally {
    await open.close();
  }
}
