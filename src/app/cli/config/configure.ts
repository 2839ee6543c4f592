/** Decides which configuration file a command line uses, if any, and prints that decision. */
import { UserError } from "../../../util/errors.ts";
import type { CommandRow } from "../command_row.ts";
import type { ConfiguredValues } from "../configured_values.ts";
import type { ParsedLine } from "../schema_to_command.ts";
import { valuesFor } from "./choose.ts";
import { findConfigFile, readConfigFile } from "./find.ts";

/**
 * The values of a configuration file for a command, and the file. Without a file, the values are empty and `file` is
 * undefined.
 */
export interface Configuration {
  readonly configured: ConfiguredValues;
  readonly file: string | undefined;
  /** The message about a file that was found, to print after its values have been checked. */
  readonly notice?: string;
}

interface ConfigRequest {
  readonly verb: string;
  readonly commands: readonly CommandRow[];
  /** The working folder. */
  readonly folder: string;
  /** Prints a line on standard error. */
  note(line: string): void;
}

const NONE: Configuration = { configured: new Map(), file: undefined };

/**
 * Reads the values from the file of --config, or from the nearest configuration file. A program is run only if --config
 * names it. Resumed work uses no file, because its settings are fixed. Prints a line if a file was found but is not
 * used.
 * @throws UserError if the file cannot be used.
 */
export async function configure(
  line: ParsedLine,
  { verb, commands, folder, note }: ConfigRequest,
): Promise<Configuration> {
  if (line.config === false) return NONE;
  const goingOn = line.entries.find(({ resumes, property }) => resumes && line.typed[property] !== undefined);
  if (line.config !== undefined) {
    if (goingOn) {
      throw new UserError(
        "options-conflict",
        `--config does not go with ${goingOn.label}, which goes on with the settings that were started with: leave it out.`,
      );
    }
    const file = await readConfigFile(line.config, folder);
    return { configured: await valuesFor(file, verb, line.entries, commands), file: file.place };
  }
  const found = await findConfigFile(folder);
  if (found === undefined) return NONE;
  const { place } = found;
  if (found.isProgram) {
    note(`${place} is not used: it is a program, which runs only if it is named with --config ${place}.`);
    return NONE;
  }
  if (goingOn) {
    note(`${place} is not used with ${goingOn.label}: the settings are those that were started with.`);
    return NONE;
  }
  const configured = await valuesFor(await readConfigFile(place, folder), verb, line.entries, commands);
  if (configured.size === 0) return NONE;
  return { configured, file: place, notice: `Using the options for ${verb} in ${place}; --no-config leaves them out.` };
}
