/** Adds the arguments and options of a zod schema to a Commander command. The schema is their only definition. */
import { Argument, type Command, Option } from "commander";
import type * as z from "zod";
import { fallbackWords } from "../../options/meta.ts";
import { type OptionEntry, optionEntries } from "../../options/option_entries.ts";
import type { TypedValues } from "./option_values.ts";

/** The flags for the configuration file, which every command has. */
export interface ConfigFlags {
  /** The configuration file, or false for --no-config. */
  readonly config: string | false | undefined;
  readonly print: "table" | "json" | undefined;
}

/** The flags for the output format, which every command has. */
export interface OutputFlags {
  readonly json: boolean;
  readonly events: boolean;
}

/** A parsed command line. */
export interface ParsedLine extends ConfigFlags, OutputFlags {
  readonly entries: readonly OptionEntry[];
  readonly typed: TypedValues;
}

const CONFIG_GROUP = "Configuration file:";
const OUTPUT_GROUP = "Output for programs:";

/**
 * Adds a schema's options to a command. camelCase becomes --kebab-case, a boolean a switch, an array a repeatable
 * option.
 * @returns a function that returns the typed values after the command line has been parsed.
 */
export function addOptions(command: Command, schema: z.ZodObject): () => ParsedLine {
  const entries = optionEntries(schema);
  const positionals = entries.filter(({ positional }) => positional);
  command.usage(["[options]", ...positionals.map(usageOf)].join(" "));
  for (const entry of positionals) command.addArgument(new Argument(`[${nameOf(entry)}]`, describe(entry)));
  for (const entry of entries) if (!entry.positional) addOption(command, entry);
  const config = [
    new Option("--config <FILE>", "File with options. [the nearest cancernet.config.json or .yaml from here upwards]"),
    new Option("--no-config", "Read no such file."),
    new Option("--print-config", "Only print the options in effect, and where each comes from; with --json as JSON."),
  ];
  for (const option of config) command.addOption(option.helpGroup(CONFIG_GROUP));
  const output = [
    new Option("--json", "Print the result as JSON on standard output, and nothing else there."),
    new Option("--events", "Print a line of JSON for each event; with --json on standard error."),
  ];
  for (const option of output) command.addOption(option.helpGroup(OUTPUT_GROUP));
  return () => {
    const { config, printConfig, json, events, ...rest } = command.opts<TypedValues>();
    const typed: TypedValues = { ...rest };
    for (const [index, { property, repeated }] of positionals.entries()) {
      const value: string | string[] | undefined = command.processedArgs[index];
      // An empty list of positionals counts as missing, so that the file, a default or the "is required" error applies.
      typed[property] = repeated && value?.length === 0 ? undefined : value;
    }
    const print = printConfig === true ? (json === true ? "json" : "table") : undefined;
    const flags = { json: json === true, events: events === true };
    return { entries, typed, config: config as ConfigFlags["config"], print, ...flags };
  };
}

const nameOf = ({ name, repeated }: OptionEntry): string => (repeated ? `${name}...` : name);

/** A required positional may also come from the configuration file, so it is optional for Commander. */
const usageOf = (entry: OptionEntry): string => (entry.required ? `<${nameOf(entry)}>` : `[${nameOf(entry)}]`);

function addOption(command: Command, entry: OptionEntry): void {
  const short = entry.short ? `-${entry.short}, ` : "";
  const add = (option: Option) => command.addOption(entry.group ? option.helpGroup(entry.group) : option);
  if (entry.isSwitch) {
    add(new Option(`${short}--${entry.name}`, describe(entry)));
    // If the default is off, --no-... only matters when a file turns the switch on, so help hides it.
    const off = new Option(`--no-${entry.name}`, `Turn --${entry.name} off.`);
    add(entry.default === false ? off.hideHelp() : off);
    return;
  }
  const option = new Option(`${short}--${entry.name} <${entry.placeholder}>`, describe(entry));
  if (entry.repeated) {
    option.argParser((value: string, earlier: string[] | undefined) => [...(earlier ?? []), value]);
  }
  add(option);
}

/**
 * The help text of an option: its description, its fallback in square brackets, and notes in brackets: choices,
 * default, whether it is required or repeatable.
 */
function describe(entry: OptionEntry): string {
  const { fallback } = entry;
  const usual = fallback && "value" in fallback ? fallback.value : entry.default;
  const hasDefault = usual !== undefined && usual !== false && !isEmpty(usual);
  const notes = [
    entry.placeholder.includes(entry.choices.join("|")) ? "" : entry.choices.join(", "),
    entry.required && !entry.positional ? "required" : "",
    entry.repeated && !entry.positional ? "repeatable" : "",
    hasDefault ? `default: ${entry.isSwitch ? "on" : String(usual)}` : "",
  ].filter(Boolean);
  const words = fallbackWords(fallback);
  const otherwise = words === undefined ? "" : ` [${words}]`;
  return `${entry.description}${otherwise}${notes.length > 0 ? ` (${notes.join("; ")})` : ""}`.trim();
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
