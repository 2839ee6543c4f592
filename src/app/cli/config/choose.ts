/** Selects the options for one command from a configuration file: checks their names and resolves their paths. */
import { isAbsolute, join } from "node:path";
import { type OptionEntry, optionEntries } from "../../../options/option_entries.ts";
import { isObjectAddress } from "../../../system/object_address.ts";
import { UserError } from "../../../util/errors.ts";
import type { CommandRow } from "../command_row.ts";
import type { ConfiguredValues } from "../configured_values.ts";
import type { ConfigFile } from "./find.ts";
import { hint } from "./nearest.ts";
import type { ConfigSection } from "./sections.ts";

/** The section with options for several commands. Each command uses the options that it has. */
export const SHARED = "shared";

/**
 * The values for a command. Its own section has priority over the shared section.
 * @throws UserError that names an unknown command or option.
 */
export async function valuesFor(
  file: ConfigFile,
  verb: string,
  entries: readonly OptionEntry[],
  commands: readonly CommandRow[],
): Promise<ConfiguredValues> {
  const names = [...commands.map(({ name }) => name), SHARED];
  for (const [name, { place }] of file.sections) {
    if (names.includes(name) || commands.some(({ aliases }) => aliases?.includes(name))) continue;
    throw new UserError(
      "command-unknown",
      `${place} has a section for "${name}", which is not a command${hint(name, names, `the sections are ${names.join(", ")}`)}`,
    );
  }
  const own = ownSection(file, commands.find(({ name }) => name === verb)!);
  const shared = file.sections.get(SHARED);
  if (own) requireKnown(own, verb, entries);
  const known = (name: string) => entries.some(({ property }) => property === name);
  if (shared && [...shared.options.keys()].some((name) => !known(name) || entryOf(entries, name)?.resumes)) {
    requireKnown(shared, SHARED, await entriesOfAll(commands));
  }
  const taken = [...(shared?.options ?? []), ...(own?.options ?? [])].flatMap(([name, value]) => {
    const entry = entryOf(entries, name);
    return entry ? [[name, { ...value, value: resolved(value.value, entry, file.folder) }] as const] : [];
  });
  return new Map(taken);
}

/** The section of a command, under its current name or an earlier one. */
function ownSection({ sections, place }: ConfigFile, { name, aliases = [] }: CommandRow): ConfigSection | undefined {
  const [first, second] = [name, ...aliases].filter((one) => sections.has(one));
  if (second === undefined) return first === undefined ? undefined : sections.get(first);
  throw new UserError(
    "config-invalid",
    `${place} has a section for "${first}" and one for "${second}", which is the same command: keep the first.`,
  );
}

const entryOf = (entries: readonly OptionEntry[], name: string): OptionEntry | undefined =>
  entries.find(({ property }) => property === name);

function requireKnown({ options }: ConfigSection, section: string, entries: readonly OptionEntry[]): void {
  const known = entries.filter(({ resumes }) => !resumes).map(({ property }) => property);
  for (const [name, { place }] of options) {
    if (entryOf(entries, name)?.resumes) {
      throw new UserError(
        "config-invalid",
        `"${name}" in ${place} cannot stand in a configuration file: give --${name} on the command line.`,
      );
    }
    if (known.includes(name)) continue;
    const help = section === SHARED ? "cancernet help" : `cancernet ${section} --help`;
    const whose = section === SHARED ? "any verb" : section;
    throw new UserError(
      "option-unknown",
      `"${name}" in ${place} is not an option of ${whose}${hint(name, known, `run "${help}" for the options`)}`,
    );
  }
}

async function entriesOfAll(commands: readonly CommandRow[]): Promise<OptionEntry[]> {
  const jobs = await Promise.all(commands.map((row) => row.load()));
  return jobs.flatMap(({ options }) => optionEntries(options));
}

/** Resolves paths relative to the file's folder. */
function resolved(value: unknown, entry: OptionEntry, folder: string): unknown {
  if (entry.path === undefined) return value;
  const { except } = entry.path;
  const one = (path: unknown): unknown => {
    if (typeof path !== "string" || path === "" || isAbsolute(path) || isObjectAddress(path) || except.includes(path))
      return path;
    const joined = join(folder, path);
    // "./idc" is a path, "idc" is a model of the package.
    return except.includes(joined) ? `./${joined}` : joined;
  };
  return Array.isArray(value) ? value.map(one) : one(value);
}
