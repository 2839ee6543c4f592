/** Turns the body of a request into the words of a command line: ids become paths, and every option is checked. */
import { BUNDLED_MODELS } from "../../../options/bundled_models.ts";
import { parseOptions, shown } from "../../../options/checked_options.ts";
import { commandWords } from "../../../options/command_line.ts";
import { type OptionEntry, optionEntries } from "../../../options/option_entries.ts";
import { UserError } from "../../../util/errors.ts";
import { type OptionPlace, VERBS } from "../../api/job_verbs.ts";
import type { JobVerb } from "../../api/jobs.ts";
import { journalPath } from "../workspace/journal_path.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** The words of a command line, and where it writes, in the studio's folder. */
export interface JobWords {
  readonly words: readonly string[];
  readonly out: string | null;
}

export interface WordsContext {
  readonly workspace: Workspace;
  /** The output of an earlier job; null if it has none. */
  outOf(job: string): Promise<string | null>;
}

/**
 * The command line for a request.
 * @throws UserError if an option is unknown or invalid, or an id is none of an item of the right kind.
 */
export async function wordsFor(
  verb: JobVerb,
  options: Readonly<Record<string, unknown>>,
  context: WordsContext,
): Promise<JobWords> {
  const row = VERBS[verb];
  if (!row) throw new UserError("request-invalid", `The page cannot start "${verb}".`);
  const entries = optionEntries(row.options);
  const values: Record<string, unknown> = {};
  for (const [property, value] of Object.entries(options)) {
    if (value === undefined || value === null || value === "") continue;
    const entry = entries.find((one) => one.property === property);
    const isPlace = entry && (entry.path !== undefined || entry.resumes);
    values[property] = isPlace
      ? await placeOf(entry, row.places[property], value, context)
      : checkedText(property, value);
  }
  const unknown = Object.keys(values).find((property) => !entries.some((entry) => entry.property === property));
  if (unknown !== undefined) throw new UserError("option-unknown", `There is no option ${shown(unknown)}.`);
  parseOptions(row.options, values, ({ label }) => label);
  return { words: commandWords(verb, row.options, values), out: outOf(verb, values) };
}

/** Where the command line writes: its output, the work that it resumes, or the run that it evaluates. */
function outOf(verb: JobVerb, { out, resume, model, split }: Readonly<Record<string, unknown>>): string | null {
  if (typeof out === "string") return out;
  if (typeof resume === "string") return resume;
  const isOfRun = verb === "evaluate" && typeof model === "string" && !(model in BUNDLED_MODELS);
  return isOfRun ? `${model}/evaluation-${split ?? "test"}` : null;
}

const LONGEST_TEXT = 1000;

/** A word of a command line cannot have every length or every character. */
function checkedText(property: string, value: unknown): unknown {
  const isUnfit = (one: unknown) => typeof one === "string" && (one.length > LONGEST_TEXT || /\p{Cc}/u.test(one));
  if (![value].flat().some(isUnfit)) return value;
  throw new UserError("option-invalid", `${shown(property)} must be one line of ${LONGEST_TEXT} characters at most.`);
}

async function placeOf(
  entry: OptionEntry,
  place: OptionPlace | undefined,
  value: unknown,
  context: WordsContext,
): Promise<unknown> {
  if (place === undefined) throw new UserError("request-invalid", `The page cannot give ${entry.label}.`);
  if (Array.isArray(value)) return Promise.all(value.map((one) => placeOf(entry, place, one, context)));
  if (place === "new") return newName(entry, value);
  if (place === "journal") return journalPath(await context.workspace.item("dataset", String(value)));
  if (typeof value === "object" && value !== null && "job" in value && typeof value.job === "string") {
    const out = await context.outOf(value.job);
    if (out !== null) return out;
  }
  if (typeof value === "string" && entry.path?.except.includes(value)) return value;
  if (typeof value === "string") {
    for (const kind of place) {
      const item = await context.workspace.item(kind, value).catch(() => undefined);
      if (item) return item.path;
    }
  }
  throw new UserError("request-invalid", `${entry.label} must be the id of a ${place.join(" or ")}.`);
}

/** Letters, digits, spaces, dots, dashes and underscores: a name, never a path, on every system. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,98}[\p{L}\p{N}]$|^[\p{L}\p{N}]$/u;

/** Windows takes these names for devices, with any ending. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

function newName({ label }: OptionEntry, value: unknown): string {
  if (typeof value === "string" && NAME.test(value) && !DEVICE.test(value)) return value;
  throw new UserError(
    "option-invalid",
    `${label} must be a new name of letters, digits, spaces and the signs ". _ -", of 100 characters at most.`,
  );
}
