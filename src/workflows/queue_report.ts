/** The report of a queue that is open, after an action. */
import type { QueueOptions } from "../options/queue.ts";
import type { QueueReport } from "../reports/queue/report.ts";
import { databaseError } from "../units/postgres/errors.ts";
import { WORKER_SECONDS } from "../units/postgres/follow.ts";
import type { UnitQueue } from "../units/postgres/queue.ts";
import { VERSION } from "../units/postgres/row.ts";
import { deadRows, drain, otherVersions, troubledUnits, workerStates, workStates } from "../units/postgres/state.ts";
import { UserError } from "../util/errors.ts";

/** Acts, and looks at the queue. @throws UserError if the database is away, or knows no such folder of results. */
export async function queueReport(open: UnitQueue, { action = "show", folder }: QueueOptions): Promise<QueueReport> {
  try {
    if (action !== "show" && folder !== undefined && (await workStates(open.connections, folder)).length === 0)
      throw new UserError(
        "results-missing",
        `The queue holds nothing of ${folder}: name a folder as "cancernet queue" shows it.`,
      );
    const changed = await act(open, action, folder);
    const workers = await workerStates(open.connections);
    return {
      action,
      folder: folder ?? null,
      changed,
      version: VERSION,
      works: await workStates(open.connections, folder),
      troubled: await troubledUnits(open.connections, folder),
      workers: workers.filter(({ seen_seconds }) => seen_seconds < WORKER_SECONDS),
      other_versions: await otherVersions(open.connections),
    };
  } catch (error) {
    throw databaseError(error);
  }
}

/** @returns how many units were offered again or removed */
async function act(open: UnitQueue, action: QueueReport["action"], folder: string | undefined): Promise<number> {
  if (action === "drain") return drain(open.connections, folder);
  if (action === "show") return 0;
  const rows = await deadRows(open.connections, VERSION, folder);
  await open.offer(rows);
  return rows.length;
}
