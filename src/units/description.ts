/**
 * The description of a work: which units it has and what determines their results. It lies in the folder of the
 * results, so that the summary can be written from the folder alone, and so that all processes do the same work.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { kindOf, readText, writeFileAtomically } from "../system/files.ts";
import { UserError } from "../util/errors.ts";
import { checked, type Expected, parseJson } from "../util/json.ts";
import { UNITS_FOLDER } from "./parts.ts";

/** A path in the results: one or two names, none hidden. */
const NAME = /^(?![.])[^/\\\0]{1,255}(\/(?![.])[^/\\\0]{1,255})?$/;

export const unitName = z.string().regex(NAME, "must be the name of a folder");

const schema = z.object({
  format: z.literal(1),
  /** The version of cancernet: another version may give other results. */
  cancernet: z.string(),
  verb: z.string(),
  /** What determines the results of all units, by name: the hash of the model, the stride. */
  facts: z.record(z.string(), z.unknown()),
  units: z.array(z.looseObject({ name: unitName })),
});

/** The description of a work. The verb checks its facts and what it adds to the units. */
export type WorkDescription = z.output<typeof schema>;

const pathOf = (folder: string): string => join(folder, UNITS_FOLDER, "work.json");

/** The description in a folder of results; undefined if there is none. @throws UserError if it is damaged. */
export async function readWork(folder: string): Promise<WorkDescription | undefined> {
  const place = pathOf(folder);
  if ((await kindOf(place)) !== "file") return undefined;
  const expected: Expected = {
    code: "output-mismatch",
    place,
    what: "the description of a work",
    remedy: "remove it, and give the same command again",
  };
  return checked(schema, parseJson(await readText(place, "the description of the work"), expected), expected);
}

/**
 * Writes the description of a work that begins or goes on. A work may get more units, and its facts must stay.
 * @throws UserError if the folder holds another work.
 */
export async function describeWork(folder: string, work: Omit<WorkDescription, "format">): Promise<void> {
  const wanted: WorkDescription = { format: 1, ...work };
  const found = await readWork(folder);
  if (found !== undefined) requireSame(folder, found, wanted);
  const text = `${JSON.stringify(wanted)}\n`;
  if (found !== undefined && `${JSON.stringify(found)}\n` === text) return;
  await mkdir(join(folder, UNITS_FOLDER), { recursive: true });
  await writeFileAtomically(pathOf(folder), text);
}

function requireSame(folder: string, found: WorkDescription, wanted: WorkDescription): void {
  const elsewhere = "choose another folder with --out, or empty this one";
  if (found.verb !== wanted.verb)
    throw new UserError("output-mismatch", `${folder} holds results of "cancernet ${found.verb}": ${elsewhere}.`);
  const facts = { ...found.facts, cancernet: found.cancernet };
  const others: Record<string, unknown> = { ...wanted.facts, cancernet: wanted.cancernet };
  const name = Object.keys({ ...facts, ...others }).find(
    (key) => JSON.stringify((facts as Record<string, unknown>)[key]) !== JSON.stringify(others[key]),
  );
  if (name !== undefined)
    throw new UserError("output-mismatch", `${folder} holds results with another ${name}: ${elsewhere}.`);
  const names = new Set(wanted.units.map((unit) => unit.name));
  const missing = found.units.find((unit) => !names.has(unit.name));
  if (missing === undefined) return;
  throw new UserError(
    "output-mismatch",
    `${folder} holds ${missing.name}, which is not among what was given: give all of it, or ${elsewhere}.`,
  );
}
