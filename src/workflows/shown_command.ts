/** The command of a result, as its report may show it: a path that says something of the machine is its last part. */
import { commandLine } from "../options/command_line.ts";
import { shownPath } from "../system/paths.ts";

export const shownCommand = (...words: readonly string[]): string =>
  commandLine(...words.map((word) => shownPath(word)));
