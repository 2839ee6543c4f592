/** The command of a result, as its report may show it. */

import { commandLine } from "../options/command_line.ts";
import { shownPath } from "../system/paths.ts";

/** The same for a report: a path that says something of the machine is its last part. */
export function shownCommand(...words: readonly string[]): string {
  return commandLine(...words.map((word) => shownPath(word)));
}
