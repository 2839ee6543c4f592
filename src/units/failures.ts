/** Records of failed units in the folder of the results, so that the summary can list them. */
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { kindOf, readText, writeFileAtomically } from "../system/files.ts";
import { checked, type Expected, parseJson } from "../util/json.ts";
import { UNITS_FOLDER } from "./parts.ts";

const schema = z.object({ error: z.string() });

const pathOf = (results: string, unit: string): string => join(results, UNITS_FOLDER, "failed", `${unit}.json`);

/** Records why a unit failed, as one sentence. */
export async function recordFailure(results: string, unit: string, error: string): Promise<void> {
  const path = pathOf(results, unit);
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomically(path, `${JSON.stringify({ error })}\n`);
}

/** Why a unit failed; undefined if it has not. */
export async function failureOf(results: string, unit: string): Promise<string | undefined> {
  const place = pathOf(results, unit);
  if ((await kindOf(place)) !== "file") return undefined;
  const expected: Expected = {
    code: "output-mismatch",
    place,
    what: "the record of a failure",
    remedy: "remove it, and do the unit again",
  };
  return checked(schema, parseJson(await readText(place, "the record"), expected), expected).error;
}

export const forgetFailure = (results: string, unit: string): Promise<void> =>
  rm(pathOf(results, unit), { force: true });
