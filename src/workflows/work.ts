/** The command "work": a worker, which does the units that a queue gives it until it is stopped. */

import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { checkedOptions } from "../options/checked_options.ts";
import { threadsOf } from "../options/thread_count.ts";
import { type WorkOptions, workOptions } from "../options/work.ts";
import { requirePlace } from "../units/inside.ts";
import { takeUnits } from "../units/postgres/take_loop.ts";
import type { Context } from "../util/context.ts";
import { OpenWorks } from "./open_works.ts";
import { type OpenableWorks, WORKS } from "./works.ts";

export interface WorkResult {
  /** The units that this worker has done. */
  readonly done: number;
  readonly failed: number;
}

/**
 * Does units until the signal is aborted, or with `untilEmpty` until nothing waits or runs. It reads only below `root`
 * and `results`, and writes only below `results`.
 * @throws UserError if a folder or a bucket is missing, or the database is not named or refuses; the signal's reason.
 */
export const work = (given: WorkOptions, context: Context): Promise<WorkResult> => workOn(WORKS, given, context);

/** @param works those of the program; tests have others */
export async function workOn(works: OpenableWorks, given: WorkOptions, context: Context): Promise<WorkResult> {
  const options = checkedOptions(workOptions, given);
  const { results, root, untilEmpty } = options;
  await requirePlace(results, "--results", context);
  await requirePlace(root, "--root", context);
  const open = new OpenWorks(works, { results, root, threads: threadsOf(options) }, context);
  const name = options.name ?? `${hostname()} ${randomUUID().slice(0, 4)}`;
  try {
    return await takeUnits({ id: randomUUID(), name, untilEmpty, do: (unit) => open.do(unit) }, context);
  } finally {
    await open.close();
  }
}
