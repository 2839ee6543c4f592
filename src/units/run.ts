/** Does the units of a work in this process: all of them, or those of a shard. */
import type { Context } from "../util/context.ts";
import { doUnit } from "./do_unit.ts";
import { unitsOfShard } from "./shard.ts";
import type { Unit, UnitOutcome, Work } from "./work.ts";

/**
 * Does the units one after the other.
 * @param shard such as "2/10"; all units if it is undefined
 * @param became is called with what became of a unit, and its position among all units of the work, from 1
 * @throws UserError if the machine cannot go on, for example because the disk is full; the signal's reason.
 */
export async function runUnits<U extends Unit, R>(
  work: Work<U, R>,
  shard: string | undefined,
  context: Context,
  became: (unit: U, outcome: UnitOutcome<R>, number: number) => void,
): Promise<void> {
  const numbers = new Map(work.units.map((unit, index) => [unit, index + 1]));
  for (const unit of shard === undefined ? work.units : unitsOfShard(work.units, shard)) {
    context.signal.throwIfAborted();
    became(unit, await doUnit(work, unit, context), numbers.get(unit)!);
  }
}
