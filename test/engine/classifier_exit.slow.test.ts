/** A process may end at any time while threads classify: with its own exit code, and without a word from native code. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

const moduleOf = (path: string): string => JSON.stringify(pathToFileURL(resolve(path)).href);

/** Classifies black images without end, and ends its process when `end`, a statement, says so. */
function endedWhile(end: string) {
  const script = `
    const { openClassifier } = await import(${moduleOf("src/engine/classification/node/open_classifier.ts")});
    const { MODELS } = await import(${moduleOf("src/engine/models/table.ts")});
    const { initialize } = await import(${moduleOf("src/engine/nn/initialize.ts")});
    const { buildInferenceGraph } = await import(${moduleOf("src/engine/models/inference.ts")});
    const { toOnnx } = await import(${moduleOf("src/engine/graph/onnx.ts")});
    const { lowerForCpu } = await import(${moduleOf("src/engine/runtime/devices.ts")});
    const model = MODELS.compact;
    const bytes = toOnnx(lowerForCpu(buildInferenceGraph({ model, arrays: initialize(model, 1) })));
    const classifier = await openClassifier({ onnx: bytes }, 50, { threads: 2 });
    let onAnswers = () => {};
    ${end}
    await classifier.classify(1e6, () => {}, (answered) => onAnswers(answered));`;
  return spawnSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" });
}

const ENDS = [
  ...[0, 20, 50, 100, 200].map((after) => `setTimeout(() => process.exit(7), ${after});`),
  "onAnswers = () => process.exit(7);",
  "onAnswers = ({ done }) => done > 1000 && process.exit(7);",
];
for (const end of ENDS) {
  test(`its own exit code: ${end}`, () => {
    const { status, stdout, stderr } = endedWhile(end);
    assert.deepEqual([status, stdout, stderr], [7, "", ""]);
  });
}

test("an error that nobody catches ends it with 1", () => {
  const { status, stderr } = endedWhile('onAnswers = () => { setTimeout(() => { throw new Error("oops"); }); };');
  assert.equal(status, 1);
  assert.match(stderr, /Error: oops/);
  assert.doesNotMatch(stderr, /terminate called/);
});
