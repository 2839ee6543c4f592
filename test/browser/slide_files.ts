/** Compares the files of a slide that a page has scored with those of "cancernet slide". */
import assert from "node:assert/strict";
import { fromCsv } from "../../src/util/csv.ts";

/** How far the probabilities may differ. */
export const LARGEST_DIFFERENCE = 1e-6;

const COLUMNS = ["minx", "miny", "width", "height", "prob_noIDC", "prob_IDC"] as const;

/** The largest difference of the probabilities; all else of the tables must be equal. */
export function compareTables(found: string, expected: string, threshold: number): number {
  const [rows, others] = [found, expected].map((text) => fromCsv(text, COLUMNS, "the table"));
  const placeOf = ({ prob_noIDC: _, prob_IDC: __, ...place }: (typeof rows & object)[number]) => place;
  assert.deepEqual(rows!.map(placeOf), others!.map(placeOf));
  assert.equal(found.split("\n")[0], expected.split("\n")[0]);
  const differences = rows!.map(({ prob_IDC }, index) => {
    const other = Number(others![index]!.prob_IDC);
    // Otherwise a contour could differ, and the comparison of the outlines would say nothing.
    assert.ok(Math.abs(other - threshold) > LARGEST_DIFFERENCE, "a probability lies at the threshold");
    return Math.abs(Number(prob_IDC) - other);
  });
  return Math.max(...differences);
}

/** GeoJSON is equal but for numbers between 0 and 1, which are probabilities. */
export function compareOutlines(found: string, expected: string): void {
  const probability = /(?<="(?:mean |largest )?probability":)[\d.e-]+/g;
  assert.equal(found.replaceAll(probability, "p"), expected.replaceAll(probability, "p"));
  const [own, others] = [found, expected].map((text) => [...text.matchAll(probability)].map(([one]) => Number(one)));
  for (const [index, value] of own!.entries()) assert.ok(Math.abs(value - others![index]!) <= LARGEST_DIFFERENCE);
}
