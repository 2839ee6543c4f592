/** What a configuration file holds, however it was written: sections by name, options by name, each with its place. */
import { UserError } from "../../../util/errors.ts";
import type { ConfigValue } from "../configured_values.ts";

/** A section of a configuration file, and the options in it. */
export interface ConfigSection {
  readonly place: string;
  readonly options: ReadonlyMap<string, ConfigValue>;
}

/** Sections by name: those of the verbs, and "shared". */
export type ConfigSections = ReadonlyMap<string, ConfigSection>;

/** Names for the editor; not an option. */
export const SCHEMA_KEY = "$schema";

export const noSections = (place: string): UserError =>
  new UserError("config-invalid", `${place} must hold a section for each verb, such as { "train": { "epochs": 10 } }.`);

export const noOptions = (name: string, place: string): UserError =>
  new UserError("config-invalid", `"${name}" in ${place} must hold options by name, such as { "epochs": 10 }.`);
