/** What commands print about works that consist of units, whatever the command. */
import { commandLine } from "../options/command_line.ts";
import { UserError } from "../util/errors.ts";
import { counted, whole } from "../util/numbers.ts";

/** The lines at the end of a shard. */
export function shardLines(shard: string, done: string, folder: string, notice: string): string[] {
  const command = commandLine("gather", folder);
  return [`Shard ${shard} is done: ${done}. After all shards, "${command}" writes the summary. ${notice}`];
}

/**
 * The error of a summary if units are not done; undefined if all are.
 * @param all the number of units
 * @param failed how many of the others failed
 */
export function unfinishedProblem(
  folder: string,
  unfinished: readonly string[],
  all: number,
  failed = 0,
): UserError | undefined {
  const [first] = unfinished;
  if (first === undefined) return undefined;
  return new UserError(
    "units-unfinished",
    `${whole(unfinished.length)} of ${counted(all, "unit")} in ${folder} are not done yet (such as ${first})${failed > 0 ? `, and ${whole(failed)} failed` : ""}: give the command again that began the work.`,
  );
}
