/** The command "gather": writes the summary of a work whose units were done by shards or workers. */
import { checkedOptions } from "../options/checked_options.ts";
import { type GatherOptions, gatherOptions } from "../options/gather.ts";
import { readWork } from "../units/description.ts";
import { finishWork, requireNoConflict } from "../units/finish.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { WORKS, type WorkVerb, workVerb } from "./works.ts";

/** The verb that began the work, and its result. */
export type GatherResult = {
  [V in WorkVerb]: { readonly verb: V; readonly result: Awaited<ReturnType<(typeof WORKS)[V]["gather"]>> };
}[WorkVerb];

/**
 * Writes the summary from the folder of the results alone. It has the same bytes, whoever has done the units, in
 * whatever order.
 * @throws UserError if the folder holds no work, or a unit has two results.
 */
export async function gather(given: GatherOptions, context: Context): Promise<GatherResult> {
  const { folder } = checkedOptions(gatherOptions, given);
  const description = await readWork(folder);
  if (description === undefined) {
    throw new UserError(
      "results-missing",
      `${folder} holds no work of shards or workers: give the folder that a command with --shard or --queue has filled.`,
    );
  }
  const verb = workVerb(description.verb);
  await requireNoConflict(folder);
  const result = await WORKS[verb].gather(folder, description, context);
  await finishWork(folder, description.units, result.unfinished);
  return { verb, result } as GatherResult;
}
