/** The command "gather": writes the summary of a work whose units were done by shards or workers. */
import { checkedOptions } from "../options/checked_options.ts";
import { type GatherOptions, gatherOptions } from "../options/gather.ts";
import { readWork, unitNames } from "../units/description.ts";
import { gatherUnits } from "../units/finish.ts";
import { openResults } from "../units/open_results.ts";
import type { Results } from "../units/results.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { WORKS, type WorkRow, type WorkVerb, workVerb } from "./works.ts";

/** The verb that began the work, and its result. */
export type GatherResult = {
  [V in WorkVerb]: { readonly verb: V; readonly result: Awaited<ReturnType<(typeof WORKS)[V]["gather"]>> };
}[WorkVerb];

/**
 * Writes the summary from the results alone. It has the same bytes, whoever has done the units, in
 * whatever order.
 * @throws UserError if the folder holds no work, or a unit has two results.
 */
export async function gather(given: GatherOptions, context: Context): Promise<GatherResult> {
  const { folder, copyTo } = checkedOptions(gatherOptions, given);
  const results = await openResults(folder, context, copyTo);
  try {
    return await gatherFrom(results, copyTo !== undefined, context);
  } finally {
    await results.close();
  }
}

async function gatherFrom(results: Results, bringsAll: boolean, context: Context): Promise<GatherResult> {
  const { name } = results;
  const description = await readWork(results);
  if (description === undefined) {
    throw new UserError(
      "results-missing",
      `${name} holds no work of shards or workers: give the folder that a command with --shard or --queue has filled.`,
    );
  }
  const verb = workVerb(description.verb);
  const row: WorkRow = WORKS[verb];
  const result = await gatherUnits(results, description, () => row.gather(results, description, context));
  if (bringsAll) await results.bring(unitNames(description));
  return { verb, result } as unknown as GatherResult;
}
