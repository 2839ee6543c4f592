/**
 * The command of a result, as its report may show it: a path that says something of the machine is its last part, and what was left to
 * defaults is said, so that the line gives the same result beside any configuration file.
 */
import type { z } from "zod";
import { commandLine, commandWords, type SomeOptions } from "../options/command_line.ts";
import { shownPath } from "../system/paths.ts";

export const shownCommand = <S extends z.ZodObject>(verb: string, schema: S, values: SomeOptions<S>): string =>
  commandLine(...commandWords(verb, schema, values, { keepsDefaults: true }).map((word) => shownPath(word)));
