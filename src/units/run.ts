/** Does the units of a work with the engine that the options choose: in this process, as a shard, or by a queue. */
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { doUnit } from "./do_unit.ts";
import { pathInRoot, placeAbove } from "./inside.ts";
import { unitsOfShard } from "./shard.ts";
import type { Unit, UnitOutcome, Work } from "./work.ts";

/** The options of options/engine.ts. All units are done in this process if none is given. */
export interface Engine {
  /** Such as "2/10". */
  readonly shard?: string | undefined;
  readonly queue?: "postgres" | undefined;
  /** The folder or address from which on workers name the place of the results. */
  readonly results?: string | undefined;
}

/** What remains after Ctrl-C in a command that follows a queue. */
export const QUEUE_WORKS_ON = "the workers go on, and the command looks at them again";

/** Receives what became of a unit, and its position among all units of the work, from 1. */
export type Became<U, R> = (unit: U, outcome: UnitOutcome<R>, number: number) => void;

/**
 * Checks the choice of an engine before anything is written.
 * @throws UserError if options exclude each other, or the packages or the server of a queue are missing.
 */
export async function requireEngine(engine: Engine, place: string): Promise<void> {
  if (engine.queue === undefined) return;
  if (engine.shard !== undefined)
    throw new UserError("options-conflict", "--shard and --queue exclude each other: give one of them.");
  placeForWorkers(engine, place);
  const { requireQueue } = await import("./postgres/connection.ts");
  await requireQueue();
}

/** The place of the results as workers name it. @throws UserError if it lies outside --results. */
function placeForWorkers({ results }: Engine, place: string): string {
  const top = results ?? placeAbove(place);
  const inResults = pathInRoot(top, place);
  if (inResults !== undefined && inResults !== ".") return inResults;
  throw new UserError(
    "options-conflict",
    `The results ${place} do not lie below ${top}: name a folder or an address that contains them with --results.`,
  );
}

/**
 * Does the units. In this process they are done one after the other; a queue's come in any order.
 * @throws UserError if the machine or the queue cannot go on, for example because the disk is full; the signal's reason.
 */
export async function runUnits<U extends Unit, R>(
  work: Work<U, R>,
  engine: Engine,
  context: Context,
  became: Became<U, R>,
): Promise<void> {
  const numbers = new Map(work.units.map((unit, index) => [unit, index + 1]));
  if (engine.queue !== undefined) return followUnits(work, engine, context, became);
  for (const unit of engine.shard === undefined ? work.units : unitsOfShard(work.units, engine.shard)) {
    context.signal.throwIfAborted();
    became(unit, await doUnit(work, unit, context), numbers.get(unit)!);
  }
}

/** Lets the workers of a queue do the units that are not published. */
async function followUnits<U extends Unit, R>(
  work: Work<U, R>,
  engine: Engine,
  context: Context,
  became: Became<U, R>,
): Promise<void> {
  const { followQueue } = await import("./postgres/follow.ts");
  const { results } = work;
  const folder = placeForWorkers(engine, results.name);
  const byName = new Map(work.units.map((unit, index) => [unit.name, { unit, number: index + 1 }]));
  const open: string[] = [];
  for (const [name, { unit, number }] of byName) {
    context.signal.throwIfAborted();
    const done = await work.read(unit, context);
    if (done === undefined) open.push(name);
    else became(unit, { done, wasDone: true }, number);
  }
  const submission = { verb: work.verb, folder, units: open, total: work.units.length };
  await followQueue(submission, context, async (name, error) => {
    const { unit, number } = byName.get(name)!;
    const done = error === null ? await work.read(unit, context) : undefined;
    if (done !== undefined) return became(unit, { done, wasDone: false }, number);
    const message = error ?? `${results.placeOf(name)} is done, but is not among the results here.`;
    became(unit, { error: message, cause: new UserError("unit-failed", message) }, number);
  });
}
