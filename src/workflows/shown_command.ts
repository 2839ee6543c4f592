/**
 * The command line of a result, as shown in its report. Paths that would reveal something about the machine are
 * shortened to their last part. Default values are included, so that the line gives the same result with any
 * configuration file.
 */
import type * as z from "zod";
import { commandLine, commandWords, type SomeOptions } from "../options/command_line.ts";
import { shownPath } from "../system/paths.ts";

export const shownCommand = <S extends z.ZodObject>(verb: string, schema: S, values: SomeOptions<S>): string =>
  commandLine(...commandWords(verb, schema, values, { keepsDefaults: true }).map((word) => shownPath(word)));
