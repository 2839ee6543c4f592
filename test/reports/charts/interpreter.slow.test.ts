/** Charts drawn as in a page whose policy forbids code made from text: the same drawings. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { expressionInterpreter } from "vega-interpreter";
import { drawReport } from "../../../src/reports/evaluation/drawing.ts";
import { reportOf } from "../../../src/workflows/evaluation/numbers.ts";
import { evaluatedOf, TRAINING } from "../small_dataset.ts";

test("with the interpreter of expressions, each chart of a report is the same text", async () => {
  const report = { ...reportOf(evaluatedOf()), training: TRAINING };
  const drawn = Object.entries(await drawReport(report)).map(([name, html]) => [name, String(html)] as const);
  assert.equal(drawn.length, 6);
  const interpreted = await drawReport(report, undefined, expressionInterpreter);
  for (const [name, text] of drawn) assert.equal(String(interpreted[name as keyof typeof interpreted]), text, name);
});
