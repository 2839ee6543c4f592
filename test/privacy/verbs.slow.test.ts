/** Every command of the command line under strace: no connection, no look-up, no file but those that it was asked for. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { COMMANDS } from "../../src/app/cli/commands.ts";
import { drawCohort } from "../support/cohort.ts";
import { MAIN } from "../support/command.ts";
import { extractorBytes, kerasBytes, slidePng } from "../support/inputs.ts";
import { smallJournal } from "../support/journal.ts";
import { CANNOT_TRACE, traceNode } from "./trace.ts";

const PATCH = "patches/90001/1/90001_idx5_x1_y251_class1.png";

/** Command lines in the order of the work, and what each may write. */
const LINES: readonly (readonly [line: string, ...writes: string[]])[] = [
  ["prepare patches --out dataset", "dataset"],
  ["correct dataset journal.jsonl --out corrected", "corrected"],
  ["train dataset --out run --epochs 1", "run"],
  ["train --resume run --epochs 2", "run"],
  ["crossvalidate dataset --out folds --folds 3 --epochs 1 --model compact --views 1", "folds"],
  ["calibrate run --out calibrated.onnx", "calibrated.onnx"],
  ["add-context run --reach 1 --out neighbours.onnx", "neighbours.onnx"],
  ["evaluate run", "run"],
  ["compare run run"],
  ["probe dataset --features extractor.onnx --out probe", "probe"],
  ["predict idc patches/90001/1"],
  [`explain idc ${PATCH} --out explained`, "explained"],
  ["slide idc slide.png --out slide", "slide"],
  ["export run --out plain.onnx", "plain.onnx"],
  ["import cancernet.keras --out imported.onnx", "imported.onnx"],
  ["demo --out demo --cases 6 --epochs 1", "demo"],
  ["doctor --json"],
];

let root = "";
const at = (name: string) => join(root, "work", name);

before(async () => {
  if (CANNOT_TRACE) return;
  root = mkdtempSync(join(tmpdir(), "cancernet-privacy-"));
  mkdirSync(at("."));
  writeFileSync(at("cancernet.keras"), await kerasBytes());
  writeFileSync(at("extractor.onnx"), extractorBytes());
  await drawCohort(at, { patchesPerCase: 40 });
  writeFileSync(at("slide.png"), await slidePng());
});

after(() => {
  if (root) rmSync(root, { recursive: true, force: true });
});

test("every command has a line here", () => {
  const traced = new Set(LINES.map(([line]) => line.split(" ")[0]));
  assert.deepEqual([...traced].sort(), COMMANDS.map(({ name }) => name).sort());
});

for (const [line, ...writes] of LINES) {
  test(`nothing beyond what was asked for: cancernet ${line}`, { skip: CANNOT_TRACE }, async () => {
    if (line.startsWith("correct ")) await smallJournal(at("journal.jsonl"), at("dataset"));
    const { exitCode, output, deeds } = await traceNode([MAIN, ...line.split(" ")], { cwd: at("."), writes });
    assert.equal(exitCode, 0, output);
    assert.deepEqual(deeds, []);
  });
}
