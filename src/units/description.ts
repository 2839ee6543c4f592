/**
 * The description of a work: which units it has and what determines their results. It lies with the results,
 * so that the summary can be written from them alone, and so that all processes do the same work.
 */
import * as z from "zod";
import { SOFTWARE } from "../system/version.ts";
import { UserError } from "../util/errors.ts";
import { checked, type Expected, parseJson } from "../util/json.ts";
import { UNITS_FOLDER } from "./parts.ts";
import type { Results } from "./results.ts";

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

export const unitNames = ({ units }: WorkDescription): string[] => units.map(({ name }) => name);

/** The place of the description in the results. */
export const WORK_FILE = `${UNITS_FOLDER}/work.json`;

/** The description in some results; undefined if they have no description. @throws UserError if it is damaged. */
export async function readWork(results: Results): Promise<WorkDescription | undefined> {
  const text = await results.read(WORK_FILE, "the description of the work");
  if (text === undefined) return undefined;
  const expected: Expected = {
    code: "output-mismatch",
    place: results.placeOf(WORK_FILE),
    what: "the description of a work",
    remedy: "remove it, and give the same command again",
  };
  return checked(schema, parseJson(text, expected), expected);
}

/**
 * Writes the description of a work that begins or goes on. A work may get more units; its facts must stay the same, and
 * its details and units stay as the process that began it wrote them.
 * @returns the description that holds
 * @throws UserError if the results are of another work.
 */
export async function describeWork(
  results: Results,
  wanted: Omit<WorkDescription, "format" | "cancernet">,
): Promise<WorkDescription> {
  const work: WorkDescription = { format: 1, cancernet: SOFTWARE, ...wanted };
  const found = (await readWork(results)) ?? (await writeFirst(results, work));
  requireSame(results.name, found, work);
  const known = new Map(found.units.map((unit) => [unit.name, unit]));
  if (work.units.length === known.size) return found;
  const grown = { ...found, units: work.units.map((unit) => known.get(unit.name) ?? unit) };
  await results.write(WORK_FILE, textOf(grown));
  return grown;
}

const textOf = (work: WorkDescription): string => `${JSON.stringify(work)}\n`;

/** Writes the description, unless another process does so at the same moment. Returns the one that is there then. */
async function writeFirst(results: Results, work: WorkDescription): Promise<WorkDescription> {
  await results.writeFirst(WORK_FILE, textOf(work));
  return (await readWork(results))!;
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
