/** Gives a commander command the arguments and options that a zod schema describes; the schema stays the only source. */
import { Argument, type Command, Option } from "commander";
import type { z } from "zod";
import { type OptionEntry, optionEntries } from "../../workflows/option_entries.ts";
import { readValues, type TypedValues } from "./option_values.ts";

/**
 * Adds a schema's options to a command. camelCase becomes --kebab-case, a boolean a switch, an array a repeatable option.
 * @returns a function that, once the command line is parsed, gives the checked options or throws a UserError.
 */
export function addOptions<S extends z.ZodObject>(command: Command, schema: S): () => z.output<S> {
  const entries = optionEntries(schema);
  const positionals = entries.filter(({ positional }) => positional);
  for (const entry of positionals) command.addArgument(toArgument(entry));
  for (const entry of entries) if (!entry.positional) addOption(command, entry);
  return () => {
    const typed: TypedValues = { ...command.opts<TypedValues>() };
    for (const [index, { property, repeated }] of positionals.entries()) {
      const value: string | string[] | undefined = command.processedArgs[index];
      // No positional at all is nothing, so that a default or "is required" applies.
      typed[property] = repeated && value?.length === 0 ? undefined : value;
    }
    return readValues(schema, entries, typed);
  };
}

function toArgument(entry: OptionEntry): Argument {
  const name = entry.repeated ? `${entry.name}...` : entry.name;
  return new Argument(entry.required ? `<${name}>` : `[${name}]`, describe(entry));
}

function addOption(command: Command, entry: OptionEntry): void {
  const short = entry.short ? `-${entry.short}, ` : "";
  if (entry.isSwitch) {
    command.addOption(new Option(`${short}--${entry.name}`, describe(entry)));
    if (entry.default === true) command.addOption(new Option(`--no-${entry.name}`, `Turn --${entry.name} off.`));
    return;
  }
  const option = new Option(`${short}--${entry.name} <${entry.placeholder}>`, describe(entry));
  if (entry.repeated) {
    option.argParser((value: string, earlier: string[] | undefined) => [...(earlier ?? []), value]);
  }
  command.addOption(option);
}

/** The description, and in brackets what the user must know: choices, default, whether it is required or repeatable. */
function describe(entry: OptionEntry): string {
  const hasDefault = entry.default !== undefined && entry.default !== false && !isEmpty(entry.default);
  const notes = [
    entry.placeholder.includes(entry.choices.join("|")) ? "" : entry.choices.join(", "),
    entry.required && !entry.positional ? "required" : "",
    entry.repeated && !entry.positional ? "repeatable" : "",
    hasDefault ? `default: ${entry.isSwitch ? "on" : String(entry.default)}` : "",
  ].filter(Boolean);
  return `${entry.description}${notes.length > 0 ? ` (${notes.join("; ")})` : ""}`.trim();
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
