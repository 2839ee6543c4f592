/**
 * Finds the configuration file and reads it. The user names the file, or it is searched upwards from the working
 * folder.
 */
import type { Stats } from "node:fs";
import { lstat, readFile } from "node:fs/promises";
import { dirname, extname, join, relative, resolve } from "node:path";
import { decodeText, fileError } from "../../../system/files.ts";
import { codeOf, UserError } from "../../../util/errors.ts";
import { counted } from "../../../util/numbers.ts";
import { sectionsOfProgram } from "./program.ts";
import type { ConfigSections } from "./sections.ts";

const STEM = "cancernet.config";
const LANGUAGES: Readonly<Record<string, "JSON" | "YAML">> = { ".json": "JSON", ".yaml": "YAML", ".yml": "YAML" };
const PROGRAMS: readonly string[] = [".ts", ".mts", ".js", ".mjs"];
/** Configuration files are short, and the YAML parser is slow for some larger files. */
const MOST_BYTES = 64 * 1024;

/** A configuration file after reading. */
export interface ConfigFile {
  /** The path as the user would write it from the working folder. */
  readonly place: string;
  /** The base folder of the paths in the file, relative to the working folder; "" is the working folder itself. */
  readonly folder: string;
  readonly sections: ConfigSections;
}

/**
 * Reads the file that --config names. If it is a program, runs it.
 * @throws UserError if it cannot be read, is a link, pipe or folder, is too large, or contains no sections.
 */
export async function readConfigFile(place: string, workingFolder: string): Promise<ConfigFile> {
  const extension = extname(place).toLowerCase();
  const language = LANGUAGES[extension];
  if (language === undefined && !PROGRAMS.includes(extension)) {
    const known = [...Object.keys(LANGUAGES), ...PROGRAMS].join(", ");
    throw new UserError("config-invalid", `The configuration file ${place} must end in one of ${known}.`);
  }
  const path = resolve(workingFolder, place);
  requireOrdinary(await stateOf(path, place), place);
  const sections =
    language === undefined
      ? await sectionsOfProgram(path, place)
      : await sectionsOf(await textOf(path, place), place, language);
  return { place, folder: relative(workingFolder, dirname(path)), sections };
}

async function sectionsOf(text: string, place: string, language: "JSON" | "YAML"): Promise<ConfigSections> {
  // Load the parser only when it is needed: most command lines have no configuration file.
  const { sectionsOfText } = await import("./text.ts");
  return sectionsOfText(text, place, language);
}

async function textOf(path: string, place: string): Promise<string> {
  try {
    return decodeText(await readFile(path), place)
      .replace(/^\ufeff/, "")
      .replace(/\r\n?/g, "\n");
  } catch (error) {
    throw fileError(error, `cannot read the configuration file ${place}`, "check its permissions");
  }
}

async function stateOf(path: string, place: string): Promise<Stats> {
  try {
    return await lstat(path);
  } catch (error) {
    throw fileError(error, `cannot read the configuration file ${place}`, "check the path");
  }
}

function requireOrdinary(state: Stats, place: string): void {
  const kind = state.isSymbolicLink() ? "a link" : state.isDirectory() ? "a folder" : "a device, pipe or socket";
  if (!state.isFile()) {
    throw new UserError(
      "config-invalid",
      `The configuration file ${place} is ${kind}: name an ordinary file with --config, or give --no-config.`,
    );
  }
  if (state.size <= MOST_BYTES) return;
  throw new UserError(
    "config-invalid",
    `The configuration file ${place} has ${counted(state.size, "byte")}, and ${MOST_BYTES} are the most: shorten it.`,
  );
}

/** The result of a search. */
export interface FoundFile {
  readonly place: string;
  /** Whether the file is a program. A program runs only if --config names it. */
  readonly isProgram: boolean;
}

/**
 * The nearest configuration file, in the working folder or above it, or undefined.
 * @throws UserError if a folder contains two possible files.
 */
export async function findConfigFile(workingFolder: string): Promise<FoundFile | undefined> {
  for (let folder = workingFolder; ; folder = dirname(folder)) {
    const data = await present(folder, Object.keys(LANGUAGES));
    const place = (path: string) => relative(workingFolder, path);
    if (data.length > 1) {
      throw new UserError(
        "config-ambiguous",
        `${data.map(place).join(" and ")} could both be meant: leave one, or name one with --config.`,
      );
    }
    if (data[0]) return { place: place(data[0]), isProgram: false };
    const [program] = await present(folder, PROGRAMS);
    if (program) return { place: place(program), isProgram: true };
    if (dirname(folder) === folder) return undefined;
  }
}

/** The configuration files in a folder that have one of the extensions. */
async function present(folder: string, endings: readonly string[]): Promise<string[]> {
  const paths = endings.map((ending) => join(folder, `${STEM}${ending}`));
  const there = await Promise.all(paths.map(exists));
  return paths.filter((_, index) => there[index]);
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    // A parent folder without access permission counts as a folder without a configuration file.
    if (["ENOENT", "ENOTDIR", "EACCES", "EPERM", "ENAMETOOLONG"].includes(codeOf(error) ?? "")) return false;
    throw fileError(error, `cannot look for ${path}`, "give --no-config, or name a file with --config");
  }
}
