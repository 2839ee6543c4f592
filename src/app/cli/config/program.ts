/**
 * Runs a configuration file that is a program, and reads its default export. Node itself strips types from TypeScript.
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { messageOf, UserError } from "../../../util/errors.ts";
import type { ConfigValue } from "../configured_values.ts";
import { type ConfigSections, noOptions, noSections, SCHEMA_KEY } from "./sections.ts";

/**
 * The sections that a program exports as default; they must be plain objects.
 * @param place the file, as the user named it
 * @throws UserError if the program fails, or exports something else.
 */
export async function sectionsOfProgram(path: string, place: string): Promise<ConfigSections> {
  try {
    const { default: exported } = await import(pathToFileURL(resolve(path)).href);
    return sectionsOf(exported, place);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      "config-program-failed",
      `The configuration program ${place} failed (${messageOf(error)}): correct it.`,
    );
  }
}

function sectionsOf(exported: unknown, place: string): ConfigSections {
  if (!isPlain(exported)) throw noSections(`The default export of ${place}`);
  const sections = Object.entries(exported).flatMap(([name, section]) => {
    if (name === SCHEMA_KEY) return [];
    if (!isPlain(section)) throw noOptions(name, place);
    const options = Object.entries(section)
      .filter(([, value]) => value !== undefined)
      .map(([option, value]): [string, ConfigValue] => [option, { value, place }]);
    return [[name, { place, options: new Map(options) }] as const];
  });
  return new Map(sections);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
