/** The record of a fold's failure names no folder of the machine. */
import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { withoutFoldPlaces } from "../../src/workflows/crossvalidation/work.ts";

const folder = resolve("/srv/some one/folds");
const attempt = join(folder, ".units", "parts", "fold-2", ".attempt.1-2-00000000-00000000.partial");
const dataset = resolve("/srv/some one/dataset");

for (const [message, expected] of [
  [`Cannot write ${join(attempt, "run", "model.onnx")}: permission denied.`, `${join("fold-2", "run", "model.onnx")}:`],
  [`${attempt} and ${join(attempt, "run")} are gone.`, `fold-2 and ${join("fold-2", "run")} are gone.`],
  [`${join(folder, "fold-2")} is not a finished fold.`, "fold-2 is not"],
  [`${join(dataset, "patches.bin")} was changed.`, `${join("dataset", "patches.bin")} was changed.`],
] as const) {
  test(`a failure is recorded without paths: ${expected}`, () => {
    const recorded = withoutFoldPlaces(message, { folder, name: "fold-2", dataset });
    assert.ok(recorded.includes(expected), recorded);
    assert.ok(!recorded.includes("some one"), recorded);
  });
}
