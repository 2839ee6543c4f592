/** The values that a configuration file provides for a command. */

/** The values of a file for one command, by the option's name in the schema. */
export type ConfiguredValues = ReadonlyMap<string, ConfigValue>;

/** A value in a configuration file. */
export interface ConfigValue {
  readonly value: unknown;
  /** The position: "cancernet.config.json:4", or only the file if it is a program. */
  readonly place: string;
}
