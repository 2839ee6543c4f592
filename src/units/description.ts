/**
 * The description of a work: which units it has and what determines their results. It lies in the folder of the
 * results, so that the summary can be written from the folder alone, and so that all processes do the same work.
 */
import { link, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { fileError, kindOf, readText, writeFileAtomically, writeWhole } from "../system/files.ts";
import { temporaryName } from "../system/leftovers.ts";
import { SOFTWARE } from "../system/version.ts";
import { codeOf, UserError } from "../util/errors.ts";
import { checked, type Expected, parseJson } from "../util/json.ts";
import { UNITS_FOLDER } from "./parts.ts";

/** A path in the results: one or two names, none hidden. */
const NAME = /^(?![.])[^/\\\0]{1,255}(\/(?![.])[^/\\\0]{1,255})?$/;

export const unitName = z.string().regex(NAME, "must be the name of a folder");

const schema = z.object({
  format: z.literal(1),
  /** Name and version of this program: another version may give other results. */
  cancernet: z.string(),
  verb: z.string(),
  /** What determines the results of all units, by name: the hash of the model, the stride. */
  facts: z.record(z.string(), z.unknown()),
  /** What reports show and where inputs lie. The process that began the work decides these. */
  details: z.record(z.string(), z.unknown()),
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
 * Writes the description of a work that begins or goes on. A work may get more units; its facts must stay the same, and
 * its details and units stay as the process that began it wrote them.
 * @returns the description that holds
 * @throws UserError if the folder holds another work.
 */
export async function describeWork(
  folder: string,
  wanted: Omit<WorkDescription, "format" | "cancernet">,
): Promise<WorkDescription> {
  const work: WorkDescription = { format: 1, cancernet: SOFTWARE, ...wanted };
  await mkdir(join(folder, UNITS_FOLDER), { recursive: true });
  const found = (await readWork(folder)) ?? (await writeFirst(folder, work));
  requireSame(folder, found, work);
  const known = new Map(found.units.map((unit) => [unit.name, unit]));
  if (work.units.length === known.size) return found;
  const grown = { ...found, units: work.units.map((unit) => known.get(unit.name) ?? unit) };
  await writeFileAtomically(pathOf(folder), textOf(grown));
  return grown;
}

const textOf = (work: WorkDescription): string => `${JSON.stringify(work)}\n`;

/** Writes the description, unless another process does so at the same moment. Returns the one that is there then. */
async function writeFirst(folder: string, work: WorkDescription): Promise<WorkDescription> {
  const path = pathOf(folder);
  const temporary = join(folder, UNITS_FOLDER, temporaryName("work.json", "tmp"));
  try {
    await writeWhole(temporary, textOf(work));
    await link(temporary, path).catch((error: unknown) => {
      if (codeOf(error) !== "EEXIST") return rename(temporary, path); // A file system without links.
    });
  } catch (error) {
    throw fileError(error, `cannot write ${path}`, "check the free space and the permissions of its folder");
  } finally {
    await rm(temporary, { force: true });
  }
  return (await readWork(folder))!;
}

function requireSame(folder: string, found: WorkDescription, wanted: WorkDescription): void {
  const elsewhere = "choose another folder with --out, or empty this one";
  if (found.verb !== wanted.verb)
    throw new UserError("output-mismatch", `${folder} holds results of "cancernet ${found.verb}": ${elsewhere}.`);
  const [before, now] = [found, wanted].map(
    ({ cancernet, facts }): Record<string, unknown> => ({ cancernet, ...facts }),
  );
  const differs = (name: string) => JSON.stringify(before![name]) !== JSON.stringify(now![name]);
  const other = Object.keys({ ...before, ...now }).find(differs);
  if (other !== undefined) {
    const values = [before, now].map((facts) => JSON.stringify(facts![other] ?? "none"));
    throw new UserError(
      "output-mismatch",
      `${folder} holds results with another ${other} (${values.join(", now ")}): ${elsewhere}.`,
    );
  }
  const names = new Set(wanted.units.map((unit) => unit.name));
  const missing = found.units.find((unit) => !names.has(unit.name));
  if (missing === undefined) return;
  throw new UserError(
    "output-mismatch",
    `${folder} holds ${missing.name}, which is not among what was given: give all of it, or ${elsewhere}.`,
  );
}
