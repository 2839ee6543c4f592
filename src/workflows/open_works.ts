/**
 * The works that a worker has open, and what it refuses. Anyone who can write to the database can write rows, and anyone
 * who can write to a folder of results can change its description and its links. Nothing outside the folders that the
 * worker's user has named may be read or written.
 */

import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { fileStamp } from "../system/file_stamp.ts";
import { SOFTWARE } from "../system/version.ts";
import { readWork, type WorkDescription } from "../units/description.ts";
import { doUnit } from "../units/do_unit.ts";
import { folderResults } from "../units/folder_results.ts";
import { insideRoot } from "../units/inside.ts";
import { UNITS_FOLDER } from "../units/parts.ts";
import type { UnitRow } from "../units/postgres/row.ts";
import type { TakenUnit } from "../units/postgres/take_loop.ts";
import type { Unit, Work } from "../units/work.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import type { OpenableWorks } from "./works.ts";

/** A model takes tens of megabytes, so only the works that were used last stay open. */
const MOST_OPEN = 3;

interface OpenWork {
  /** That of the description's file. If it changes, the folder may hold another work. */
  readonly stamp: string;
  readonly description: WorkDescription;
  readonly work: Work;
  readonly units: ReadonlyMap<string, Unit>;
}

interface WorkerPlaces {
  /** The folder that contains all folders of results. */
  readonly results: string;
  readonly root: string;
  readonly threads: number;
}

/** The works of a worker, by the folder of their results. */
export class OpenWorks {
  readonly #works: OpenableWorks;
  readonly #places: WorkerPlaces;
  readonly #open = new Map<string, OpenWork>();

  constructor(works: OpenableWorks, places: WorkerPlaces) {
    this.#works = works;
    this.#places = places;
  }

  /**
   * Does the unit of a row.
   * @returns why it failed; null if it is done
   * @throws UserError with the code "queue-row-invalid", "path-invalid" or "output-mismatch" if the row must not be
   *   done; another UserError if this machine lacks what the row needs.
   */
  async do({ row, context }: TakenUnit): Promise<string | null> {
    const folder = await insideRoot(this.#places.results, row.folder, "the folder of results");
    await requireNoLinks(folder, row.unit);
    const { work, units } = await this.#workOf(folder, row, context);
    const unit = units.get(row.unit)!;
    const outcome = await doUnit(work, unit, context);
    return outcome.error === undefined ? null : work.recorded(unit, outcome.error);
  }

  async #workOf(folder: string, row: UnitRow, context: Context): Promise<OpenWork> {
    const stamp = await stampOf(folder);
    const known = this.#open.get(folder);
    this.#open.delete(folder);
    if (known !== undefined && known.stamp === stamp) {
      this.#open.set(folder, known);
      requireUnit(known, row);
      return known;
    }
    await known?.work.close();
    const opened = await this.#openWork(folder, stamp, row, context);
    this.#open.set(folder, opened);
    for (const [oldest, { work }] of this.#open) {
      if (this.#open.size <= MOST_OPEN) break;
      this.#open.delete(oldest);
      await work.close();
    }
    return opened;
  }

  async #openWork(folder: string, stamp: string, row: UnitRow, context: Context): Promise<OpenWork> {
    const { root, threads } = this.#places;
    const description = (await readWork(folderResults(folder)))!;
    const { verb, cancernet } = description;
    requireVerb(this.#works, row, verb);
    if (cancernet !== SOFTWARE) throw refusal(row, `the work was begun by ${cancernet}, and this is ${SOFTWARE}`);
    const work = await this.#works[verb]!.open(description, { folder, root, threads }, context);
    const units = new Map(work.units.map((unit) => [unit.name, unit]));
    const opened = { stamp, description, work, units };
    try {
      requireUnit(opened, row);
      return opened;
    } catch (error) {
      await work.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const { work } of this.#open.values()) await work.close();
  }
}

const refusal = ({ folder, unit }: UnitRow, why: string): UserError =>
  new UserError("queue-row-invalid", `Refused the unit ${unit} of ${folder}: ${why}.`);

function requireVerb(works: OpenableWorks, row: UnitRow, verb: string): void {
  if (!Object.hasOwn(works, row.verb)) throw refusal(row, `there is no work of units "${row.verb}"`);
  if (verb !== row.verb) throw refusal(row, `the folder holds the work of "${verb}", and the row is of "${row.verb}"`);
}

function requireUnit({ description: { verb }, units }: OpenWork, row: UnitRow): void {
  if (verb !== row.verb) throw refusal(row, `the folder holds the work of "${verb}", and the row is of "${row.verb}"`);
  if (!units.has(row.unit)) throw refusal(row, "the work has no such unit");
}

/** @throws UserError if the folder holds no work, for example because the worker has another folder of that name. */
async function stampOf(folder: string): Promise<string> {
  return fileStamp(join(folder, UNITS_FOLDER, "work.json")).catch(() => {
    throw new UserError(
      "results-missing",
      `${folder} holds no work: check --results of this worker; if the results were removed, "cancernet queue drain" takes their units back.`,
    );
  });
}

/** @throws UserError if a link would lead the unit's files out of the folder of the results. */
async function requireNoLinks(folder: string, unit: string): Promise<void> {
  const beside = ["parts", "failed", "conflicts"].map((name) => `${UNITS_FOLDER}/${name}/${unit}`);
  for (const path of [unit, ...beside, `${UNITS_FOLDER}/work.json`, `${UNITS_FOLDER}/failed/${unit}.json`]) {
    const names = path.split("/");
    for (let depth = 1; depth <= names.length; depth++) {
      const part = names.slice(0, depth).join("/");
      const found = await lstat(join(folder, part)).catch(() => undefined);
      if (found === undefined) break;
      if (found.isSymbolicLink())
        throw new UserError("path-invalid", `Refused the unit ${unit} of ${folder}: ${part} is a link.`);
    }
  }
}
