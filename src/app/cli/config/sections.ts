/**
 * The content of a configuration file, independent of its format: sections by name, options by name, each with its
 * position.
 */
import { UserError } from "../../../util/errors.ts";
import type { ConfigValue } from "../configured_values.ts";

/** A section of a configuration file, with its options. */
export interface ConfigSection {
  readonly place: string;
  readonly options: ReadonlyMap<string, ConfigValue>;
}

/** The sections by name: one per command, and "shared". */
export type ConfigSections = ReadonlyMap<string, ConfigSection>;

/** Names the JSON Schema for the editor; not an option. */
export const SCHEMA_KEY = "$schema";

export const noSections = (place: string): UserError =>
  new UserError("config-invalid", `${place} must hold a section for each verb, such as { "train": { "epochs": 10 } }.`);

export const noOptions = (name: string, place: string): UserError =>
  new UserError("config-invalid", `"${name}" in ${place} must hold options by name, such as { "epochs": 10 }.`);
