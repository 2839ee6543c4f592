/** What a configuration file gives a command. */

/** The values of a file for a verb, by the option's name in the schema. */
export type ConfiguredValues = ReadonlyMap<string, ConfigValue>;

/** A value in a configuration file. */
export interface ConfigValue {
  readonly value: unknown;
  /** Where it stands: "cancernet.config.json:4", or the file alone if it is a program. */
  readonly place: string;
}
