/** The table and the report of slides so large that a whole table, or a list of arguments, would not fit. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Grid } from "../../src/histology/slide/grid.ts";
import { classWords } from "../../src/reports/class_words.ts";
import { probabilitiesCsv } from "../../src/reports/slide/probabilities_csv.ts";
import { fromCsv } from "../../src/util/csv.ts";
import { leastOf } from "../../src/workflows/slide/report.ts";

test("the table of probabilities comes in parts that are one table, a row per scored cell", () => {
  const [columns, rows] = [200, 100];
  const grid = { columns, rows, side: 50, stride: 50, scale: 2 } as Grid;
  const probabilities = Float32Array.from({ length: columns * rows }, (_, cell) =>
    cell % 7 === 3 ? Number.NaN : (cell % 1000) / 1000,
  );
  const parts = [...probabilitiesCsv({ grid, probabilities }, classWords(["no IDC", "IDC"]))];
  const names = ["minx", "miny", "width", "height", "prob_noIDC", "prob_IDC"] as const;
  const table = fromCsv(parts.join(""), names, "the table");
  const cells = [...probabilities.keys()].filter((cell) => !Number.isNaN(probabilities[cell]));
  assert.ok(parts.length === 2 && parts.every((part) => part.endsWith("\n")));
  assert.equal(table.length, cells.length);
  assert.deepEqual(table[0], { minx: "0", miny: "0", width: "100", height: "100", prob_noIDC: "1", prob_IDC: "0" });
  for (const [place, cell] of cells.entries()) {
    const { minx, miny, prob_noIDC, prob_IDC } = table[place]!;
    assert.deepEqual([Number(minx), Number(miny)], [(cell % columns) * 100, Math.floor(cell / columns) * 100]);
    assert.equal(Math.fround(Number(prob_IDC)), probabilities[cell]);
    assert.ok(Math.abs(Number(prob_IDC) + Number(prob_noIDC) - 1) < 1e-6);
  }
});

test("the corner of a region is found with any number of points in its outline", () => {
  const outline = Array.from({ length: 300_000 }, (_, i) => [i + 5, 300_007 - i] as const);
  assert.deepEqual([leastOf(outline, 0), leastOf(outline, 1)], [5, 8]);
});
