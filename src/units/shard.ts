/** One of several equal parts of a work: `2/10` is the second of ten. */
import type { Unit } from "./work.ts";

/**
 * The units of a shard: every unit is in exactly one of the shards, and each shard has units from all over the list.
 * @param shard such as "2/10", as options/engine.ts checks it
 */
export function unitsOfShard<U extends Unit>(units: readonly U[], shard: string): U[] {
  const [number, of] = shard.split("/").map(Number) as [number, number];
  return units.filter((_, index) => index % of === number - 1);
}
