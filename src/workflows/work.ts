/** The command "work": a worker, which does the units that a queue gives it until it is stopped. */

import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { checkedOptions } from "../options/checked_options.ts";
import { threadsOf } from "../options/thread_count.ts";
import { type WorkOptions, workOptions } from "../options/work.ts";
import { kindOf } from "../system/files.ts";
import { SOFTWARE } from "../system/version.ts";
import { readWork, type WorkDescription } from "../units/description.ts";
import { doUnit } from "../units/do_unit.ts";
import { insideRoot } from "../units/inside.ts";
import { type TakenUnit, takeUnits } from "../units/postgres/take_loop.ts";
import type { Unit, Work } from "../units/work.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { WORKS, workVerb } from "./works.ts";

export interface WorkResult {
  /** The units that this worker has done. */
  readonly done: number;
  readonly failed: number;
}

/**
 * Does units until the signal is aborted, or with `untilEmpty` until nothing waits or runs. It reads only below `root`
 * and `results`, and writes only below `results`.
 * @throws UserError if a folder is missing, or the database is not named or refuses; the signal's reason.
 */
export async function work(given: WorkOptions, context: Context): Promise<WorkResult> {
  const options = checkedOptions(workOptions, given);
  const { results, root, untilEmpty } = options;
  for (const [flag, folder] of [
    ["--results", results],
    ["--root", root],
  ] as const) {
    if ((await kindOf(folder)) !== "folder")
      throw new UserError("file-missing", `There is no folder ${folder}: name an existing one with ${flag}.`);
  }
  const open = new OpenWorks({ results, root, threads: threadsOf(options) });
  const name = options.name ?? `${hostname()} ${randomUUID().slice(0, 4)}`;
  try {
    return await takeUnits({ id: randomUUID(), name, untilEmpty, do: (unit) => open.do(unit) }, context);
  } finally {
    await open.close();
  }
}

/** A model takes tens of megabytes, so only the works that were used last stay open. */
const MOST_OPEN = 3;

interface OpenWork {
  readonly description: WorkDescription;
  readonly work: Work;
  readonly units: ReadonlyMap<string, Unit>;
}

/** The works of a worker, by the folder of their results. */
class OpenWorks {
  readonly #places: { readonly results: string; readonly root: string; readonly threads: number };
  readonly #open = new Map<string, OpenWork>();

  constructor(places: { readonly results: string; readonly root: string; readonly threads: number }) {
    this.#places = places;
  }

  async do({ row, context }: TakenUnit): Promise<string | null> {
    const folder = await insideRoot(this.#places.results, row.folder, "the folder of results");
    const { work, units } = await this.#workOf(folder, row, context);
    const outcome = await doUnit(work, units.get(row.unit)!, context);
    return outcome.error === undefined ? null : work.recorded(units.get(row.unit)!, outcome.error);
  }

  async #workOf(folder: string, row: TakenUnit["row"], context: Context): Promise<OpenWork> {
    const known = this.#open.get(folder);
    this.#open.delete(folder);
    if (known?.units.has(row.unit) && known.description.verb === row.verb) {
      this.#open.set(folder, known);
      return known;
    }
    await known?.work.close();
    const opened = await this.#openWork(folder, row, context);
    this.#open.set(folder, opened);
    for (const [oldest, { work }] of this.#open) {
      if (this.#open.size <= MOST_OPEN) break;
      this.#open.delete(oldest);
      await work.close();
    }
    return opened;
  }

  async #openWork(folder: string, row: TakenUnit["row"], context: Context): Promise<OpenWork> {
    const { root, threads } = this.#places;
    const description = await readWork(folder);
    const verb = workVerb(row.verb);
    if (description === undefined || description.verb !== verb)
      throw new UserError("queue-row-invalid", `Refused a row of the queue: ${row.folder} holds no work of "${verb}".`);
    if (description.cancernet !== SOFTWARE)
      throw new UserError(
        "queue-row-invalid",
        `${row.folder} was begun by ${description.cancernet}, and this is ${SOFTWARE}.`,
      );
    const work: Work = await WORKS[verb].open(description, { folder, root, threads }, context);
    const units = new Map(work.units.map((unit) => [unit.name, unit]));
    if (units.has(row.unit)) return { description, work, units };
    await work.close();
    throw new UserError("queue-row-invalid", `Refused a row of the queue: ${row.folder} has no unit ${row.unit}.`);
  }

  async close(): Promise<void> {
    for (const { work } of this.#open.values()) await work.close();
  }
}
