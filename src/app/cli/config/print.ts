/** The output of --print-config: every option, its value, and where the value comes from. */
import type * as z from "zod";
import { shown } from "../../../options/checked_options.ts";
import { fallbackWords } from "../../../options/meta.ts";
import { type OptionEntry, settledFallbacks } from "../../../options/option_entries.ts";
import { printable } from "../../../util/errors.ts";
import { tableLines } from "../../../util/table.ts";
import type { Job } from "../command_row.ts";
import { jsonText } from "../json_text.ts";
import { readValue } from "../option_values.ts";
import type { ParsedLine } from "../schema_to_command.ts";
import type { Configuration } from "./configure.ts";

interface Shown {
  readonly option: string;
  /** Undefined if the option has no value. */
  readonly value: unknown;
  readonly from: string;
}

/**
 * Returns the lines of a table or of a JSON object. Each option is checked separately; required options may be missing.
 * @throws UserError if a value is invalid.
 */
export function configLines(job: Job<z.ZodObject>, given: ParsedLine & Configuration & { verb: string }): string[] {
  const rows = rowsOf(job, given);
  if (given.print === "json") {
    const options = rows.map(({ option, value, from }) => [option, { value: value ?? null, from }]);
    return [jsonText({ verb: given.verb, file: given.file ?? null, options: Object.fromEntries(options) }, 2)];
  }
  return tableLines(
    ["option", "value", "from"],
    rows.map(({ option, value, from }) => [option, value === undefined ? "-" : printable(text(value)), from]),
  );
}

function rowsOf(job: Job<z.ZodObject>, given: ParsedLine & Configuration): Shown[] {
  const { entries, typed, configured } = given;
  const values = entries.map((entry) => [entry, readValue(job.options, entry, given)] as const);
  const all = Object.fromEntries(values.map(([{ property }, value]) => [property, value]));
  const goesOn = entries.some(({ resumes, property }) => resumes && typed[property] !== undefined);
  const settled = goesOn ? {} : (job.settled?.(all) ?? settledFallbacks(job.options));
  return values.map(([entry, value]) => {
    const { property } = entry;
    const isGiven = typed[property] !== undefined || configured.has(property);
    const known = !isGiven && settled[property];
    if (known) return { option: property, ...known };
    return { option: property, value, from: isGiven ? givenBy(entry, given) : absent(entry, value, goesOn) };
  });
}

function givenBy({ property, positional }: OptionEntry, { typed, configured }: ParsedLine & Configuration): string {
  if (typed[property] === undefined) return configured.get(property)!.place;
  return positional ? "command line" : "flag";
}

function absent({ required, fallback }: OptionEntry, value: unknown, goesOn: boolean): string {
  if (value !== undefined) return "default";
  if (required) return "missing, but required";
  return goesOn ? "as it was begun" : (fallbackWords(fallback) ?? "not given");
}

const text = (value: unknown): string => (typeof value === "string" ? value : shown(value));
