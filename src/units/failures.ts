/** Records of failed units in the results, so that the summary can list them. */
import * as z from "zod";
import { checked, type Expected, parseJson } from "../util/json.ts";
import { UNITS_FOLDER } from "./parts.ts";
import type { Results } from "./results.ts";

const schema = z.object({ error: z.string() });

const pathOf = (unit: string): string => `${UNITS_FOLDER}/failed/${unit}.json`;

/** Records why a unit failed, as one sentence. */
export const recordFailure = (results: Results, unit: string, error: string): Promise<void> =>
  results.write(pathOf(unit), `${JSON.stringify({ error })}\n`);

/** Why a unit failed; undefined if it has not. */
export async function failureOf(results: Results, unit: string): Promise<string | undefined> {
  const text = await results.read(pathOf(unit), "the record");
  if (text === undefined) return undefined;
  const expected: Expected = {
    code: "output-mismatch",
    place: results.placeOf(pathOf(unit)),
    what: "the record of a failure",
    remedy: "remove it, and do the unit again",
  };
  return checked(schema, parseJson(text, expected), expected).error;
}

export const forgetFailure = (results: Results, unit: string): Promise<void> => results.remove(pathOf(unit));
