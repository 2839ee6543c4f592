/** The side that submits: offers the units of a work to the queue, and follows them until none waits or runs. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "../../util/context.ts";
import { UserError } from "../../util/errors.ts";
import { counted, whole } from "../../util/numbers.ts";
import { databaseError, isAway } from "./errors.ts";
import { UnitQueue } from "./queue.ts";
import { VERSION } from "./row.ts";
import { otherVersions, settledSince, workerStates, workStates } from "./state.ts";

const LOOK_MILLISECONDS = 500;
/** Rows get their numbers before they can be seen, so a look goes back by so many. */
const OVERLAP = 1000;
/** A worker that was not seen for so long has ended. */
export const WORKER_SECONDS = 15;
const WARNED_AFTER_MILLISECONDS = 5000;
/** How many units are looked for in the queue: a few as a rule, and more if none of these is there. */
const [FIRST_LOOKED_AT, LOOKED_AT] = [20, 5000];

export interface Submission {
  readonly verb: string;
  /** The folder of the results, as workers name it. */
  readonly folder: string;
  /** The names of the units that are not published. */
  readonly units: readonly string[];
  /** All units of the work, for the progress. */
  readonly total: number;
}

/**
 * Offers the units, and calls `settled` with each one that is done or has failed. If the database is away, it waits for
 * it. An abort leaves the queue at work.
 * @throws UserError if units were removed from the queue or their workers were lost too often; the signal's reason.
 */
export async function followQueue(
  { verb, folder, units, total }: Submission,
  { reporter, signal }: Context,
  settled: (unit: string, error: string | null) => Promise<void>,
): Promise<void> {
  const queue = await UnitQueue.open({ supervises: false });
  try {
    await queue.offer(units.map((unit) => ({ verb, folder, unit, version: VERSION }))).catch((error: unknown) => {
      throw databaseError(error);
    });
    const open = new Set(units);
    let last = 0;
    let isQuiet = false;
    const look = async (): Promise<void> => {
      for (const { number, unit, error } of await settledSince(queue.connections, folder, String(last - OVERLAP))) {
        last = Math.max(last, Number(number));
        if (open.delete(unit)) await settled(unit, error);
      }
      reporter.progress({ task: "workers", done: total - open.size, total, unit: "units" });
    };
    const warnings = new WorkerWarnings(queue);
    while (open.size > 0) {
      signal.throwIfAborted();
      try {
        const before = open.size;
        await look();
        // Only if nothing was settled: do the others still wait or run? Those that do not were settled or removed.
        if (open.size > 0 && open.size === before && !(await hasAlive(queue, folder, open))) {
          await look();
          if (open.size === before) throw await removed(queue, folder, open);
        }
        for (const warning of await warnings.next()) reporter.warn(warning);
      } catch (error) {
        if (!isAway(error)) throw databaseError(error);
        if (!isQuiet) reporter.warn("The database does not answer; waiting for it. The workers go on when it is back.");
        isQuiet = true;
        await sleep(LOOK_MILLISECONDS, undefined, { signal }).catch(() => {});
        continue;
      }
      if (isQuiet) reporter.warn("The database answers again.");
      isQuiet = false;
      await sleep(LOOK_MILLISECONDS, undefined, { signal }).catch(() => {});
    }
  } finally {
    await queue.close();
  }
}

/** Looks at some units only, as long as one of them waits or runs. */
async function hasAlive(queue: UnitQueue, folder: string, open: ReadonlySet<string>): Promise<boolean> {
  const units = [...open];
  for (let first = 0, size = FIRST_LOOKED_AT; first < units.length; first += size, size = LOOKED_AT) {
    const some = units.slice(first, first + size).map((unit) => ({ folder, unit }));
    if ((await queue.alive(some)).size > 0) return true;
  }
  return false;
}

async function removed(queue: UnitQueue, folder: string, open: ReadonlySet<string>): Promise<UserError> {
  const [first] = open;
  const [state] = await workStates(queue.connections, folder);
  const dead = state?.dead ?? 0;
  const why = dead > 0 ? `of which ${whole(dead)} were given up` : "which were removed from it";
  return new UserError(
    "units-removed",
    `${counted(open.size, "unit")} will not be done by the queue (such as ${first}), ${why}: see "cancernet queue", then give the same command again.`,
  );
}

/** Says once that no worker is there, or that workers of other versions are. */
class WorkerWarnings {
  readonly #queue: UnitQueue;
  #next = performance.now() + WARNED_AFTER_MILLISECONDS;
  #said = false;

  constructor(queue: UnitQueue) {
    this.#queue = queue;
  }

  async next(): Promise<string[]> {
    if (this.#said || performance.now() < this.#next) return [];
    this.#next = performance.now() + WARNED_AFTER_MILLISECONDS;
    const workers = (await workerStates(this.#queue.connections)).filter(
      ({ seen_seconds }) => seen_seconds < WORKER_SECONDS,
    );
    if (workers.some(({ version }) => version === VERSION)) return [];
    this.#said = true;
    const others = workers.length === 0 ? "" : ` The workers that run are of ${workers[0]!.version}.`;
    return [`No worker of ${VERSION} is at work: start one with "cancernet work".${others}`];
  }
}

/** One sentence about units that wait for another version; undefined if none does. */
export async function otherVersionText(queue: UnitQueue): Promise<string | undefined> {
  const [other] = await otherVersions(queue.connections);
  if (other === undefined) return undefined;
  const version = other.queue.slice(other.queue.indexOf("/") + 1).replaceAll("-", " ");
  return `${counted(other.waiting, "unit")} in the queue ${other.waiting === 1 ? "needs" : "need"} another version (${version}), and this is ${VERSION}: start a worker of that version.`;
}
