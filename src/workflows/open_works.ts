/**
 * The works that a worker has open, and what it refuses. Anyone who can write to the database can write rows, and anyone
 * who can write to the results can change their description and their links. Nothing outside the folders and addresses
 * that the worker's user has named may be read or written.
 */
import { SOFTWARE } from "../system/version.ts";
import { readWork, WORK_FILE, type WorkDescription } from "../units/description.ts";
import { doUnit } from "../units/do_unit.ts";
import { placeInside, requireNoLinks } from "../units/inside.ts";
import { openResults } from "../units/open_results.ts";
import type { UnitRow } from "../units/postgres/row.ts";
import type { TakenUnit } from "../units/postgres/take_loop.ts";
import type { Results } from "../units/results.ts";
import type { Unit, Work } from "../units/work.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import type { OpenableWorks } from "./works.ts";

/** A model takes tens of megabytes, so only the works that were used last stay open. */
const MOST_OPEN = 3;

interface OpenWork {
  /** Is closed after the work. */
  readonly results: Results;
  /** That of the description's file. If it changes, the results may be of another work. */
  readonly stamp: string;
  readonly description: WorkDescription;
  readonly work: Work;
  readonly units: ReadonlyMap<string, Unit>;
}

interface WorkerPlaces {
  /** The folder or address that contains all results. */
  readonly results: string;
  readonly root: string;
  readonly threads: number;
}

/** The works of a worker, by the place of their results. */
export class OpenWorks {
  readonly #works: OpenableWorks;
  readonly #places: WorkerPlaces;
  readonly #context: Context;
  readonly #open = new Map<string, OpenWork>();

  /** @param context of the worker, which lives longer than that of a unit */
  constructor(works: OpenableWorks, places: WorkerPlaces, context: Context) {
    this.#works = works;
    this.#places = places;
    this.#context = context;
  }

  /**
   * Does the unit of a row.
   * @returns why it failed; null if it is done
   * @throws UserError with the code "queue-row-invalid", "path-invalid" or "output-mismatch" if the row must not be
   *   done; another UserError if this machine lacks what the row needs.
   */
  async do({ row, context }: TakenUnit): Promise<string | null> {
    const place = await placeInside(this.#places.results, row.folder, "the folder of results");
    const { work, units, results } = await this.#workOf(place, row, context);
    const unit = units.get(row.unit)!;
    await results.forget(unit.name);
    const outcome = await doUnit(work, unit, context);
    return outcome.error === undefined ? null : work.recorded(unit, outcome.error);
  }

  async #workOf(place: string, row: UnitRow, context: Context): Promise<OpenWork> {
    const known = this.#open.get(place);
    if (known !== undefined && (await stampOf(known.results, row.unit)) === known.stamp) {
      this.#open.delete(place);
      this.#open.set(place, known);
      requireUnit(known, row);
      return known;
    }
    if (known !== undefined) await this.#close(place, known);
    const results = await openResults(place, this.#context);
    try {
      this.#open.set(place, await this.#openWork(results, row, context));
    } catch (error) {
      await results.close();
      throw error;
    }
    for (const [oldest, open] of this.#open) {
      if (this.#open.size > MOST_OPEN) await this.#close(oldest, open);
    }
    return this.#open.get(place)!;
  }

  async #openWork(results: Results, row: UnitRow, context: Context): Promise<OpenWork> {
    const { root, threads } = this.#places;
    const stamp = await stampOf(results, row.unit);
    const description = (await readWork(results))!;
    const { verb, cancernet } = description;
    requireVerb(this.#works, row, verb);
    if (cancernet !== SOFTWARE) throw refusal(row, `the work was begun by ${cancernet}, and this is ${SOFTWARE}`);
    const work = await this.#works[verb]!.open(description, { results, root, threads }, context);
    const units = new Map(work.units.map((unit) => [unit.name, unit]));
    const opened = { results, stamp, description, work, units };
    try {
      requireUnit(opened, row);
      return opened;
    } catch (error) {
      await work.close();
      throw error;
    }
  }

  async #close(place: string, { work, results }: OpenWork): Promise<void> {
    this.#open.delete(place);
    await work.close();
    await results.close();
  }

  async close(): Promise<void> {
    for (const [place, open] of this.#open) await this.#close(place, open);
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

/**
 * The stamp of the results' description.
 * @throws UserError if the results have no description, for example because the worker has another folder of that name, or if a link would
 *   lead elsewhere.
 */
async function stampOf(results: Results, unit: string): Promise<string> {
  await requireNoLinks(results.folder, unit);
  const stamp = await results.stamp(WORK_FILE);
  if (stamp !== undefined) return stamp;
  throw new UserError(
    "results-missing",
    `${results.name} holds no work: check --results of this worker; if the results were removed, "cancernet queue drain" takes their units back.`,
  );
}
