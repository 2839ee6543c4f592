/** Ctrl-C through the real program, while it evaluates: what it says, how it ends, and that it leaves nothing behind. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { modelFile } from "../../src/artifacts/model_file.ts";
import { MODELS } from "../../src/engine/models/table.ts";
import { initialize } from "../../src/engine/nn/initialize.ts";
import { encodePng } from "../../src/histology/image/decode.ts";
import { writeCohort } from "../../src/histology/synthetic/cohort.ts";
import { prepareOptions } from "../../src/options/prepare.ts";
import { silent } from "../../src/util/reporter.ts";
import { prepare } from "../../src/workflows/prepare.ts";

const MAIN = resolve("src/app/cli/main.ts");
const CARD = { dataset_sha256: "0".repeat(64), epoch: 1, seed: 1, recipe: "default" };
let folder = "";

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "cancernet stop "));
  const context = { reporter: silent, signal: new AbortController().signal };
  await writeCohort({ folder: join(folder, "patches"), seed: 1, cases: 6, patchesPerCase: 10, encodePng });
  await prepare(prepareOptions.parse({ source: join(folder, "patches"), out: join(folder, "dataset") }), context);
  writeFileSync(
    join(folder, "model.onnx"),
    modelFile({ model: MODELS.cancernet, arrays: initialize(MODELS.cancernet, 1) }, CARD),
  );
});

after(() => rmSync(folder, { recursive: true, force: true }));

/**
 * Evaluates in a process that sends itself `times` interrupts, one directly after another, as soon as it listens to them:
 * long before the model is loaded, so that the outcome does not depend on the machine's speed.
 */
function evaluateInterrupted(times: number) {
  const script = `
    const timer = setInterval(() => {
      if (process.listenerCount("SIGINT") === 0) return;
      clearInterval(timer);
      for (let count = 0; count < ${times}; count++) process.kill(process.pid, "SIGINT");
    });`;
  const preload = `data:text/javascript,${encodeURIComponent(script)}`;
  const args = ["--import", preload, MAIN, ..."evaluate model.onnx --dataset dataset --out report/test".split(" ")];
  return spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
}

// There, a process cannot interrupt itself.
const skip = process.platform === "win32" && "Windows knows no signals";

test("Ctrl-C stops an evaluation after its batch, and leaves no folder: 130", { skip }, () => {
  const { status, stdout, stderr } = evaluateInterrupted(1);
  assert.deepEqual(
    [status, stdout, stderr],
    [130, "", "Stopping after the current batch; press Ctrl-C again to stop at once.\ncancernet: stopped.\n"],
  );
  assert.equal(existsSync(join(folder, "report")), false);
});

test("a second Ctrl-C ends it at once: 130", { skip }, () => {
  const { status, stdout, stderr } = evaluateInterrupted(2);
  assert.deepEqual(
    [status, stdout, stderr],
    [130, "", "Stopping after the current batch; press Ctrl-C again to stop at once.\n"],
  );
  assert.equal(existsSync(join(folder, "report")), false);
});

test("without it, the evaluation makes its folder", () => {
  const { status } = evaluateInterrupted(0);
  assert.equal(status, 0);
  assert.equal(existsSync(join(folder, "report", "test", "report.json")), true);
});

/** Trains in a process that sends itself a signal while the first epoch is under way. */
function trainStopped(name: string, times: number) {
  rmSync(join(folder, "run"), { recursive: true, force: true });
  const script = `
    import { existsSync } from "node:fs";
    import { isMainThread } from "node:worker_threads";
    const timer = setInterval(() => {
      if (isMainThread && !existsSync("run/checkpoint-2.bin")) return;
      clearInterval(timer);
      for (let count = 0; isMainThread && count < ${times}; count++) process.kill(process.pid, "${name}");
    });`;
  const preload = `data:text/javascript,${encodeURIComponent(script)}`;
  const line = "train dataset --out run --epochs 50 --batch-size 2 --checkpoint-every 1";
  const args = ["--import", preload, MAIN, ...line.split(" ")];
  return spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8", timeout: 120_000 });
}

for (const [name, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
  ["SIGQUIT", 131],
] as const) {
  test(`${name} ends a training with a checkpoint: ${code}`, { skip }, () => {
    const { status, stdout, stderr } = trainStopped(name, 1);
    assert.equal(status, code, stderr);
    assert.equal(stderr, "Stopping after the current step; press Ctrl-C again to stop at once.\ncancernet: stopped.\n");
    assert.match(stdout, /Go on with: cancernet train --resume run\n$/);
    assert.equal(existsSync(join(folder, "run", "checkpoint-1.bin")), true);
    assert.equal(JSON.parse(readFileSync(join(folder, "run", "run.json"), "utf8")).status, "interrupted");
  });

  test(`${name} twice ends a training at once: ${code}`, { skip }, () => {
    const { status, stderr } = trainStopped(name, 2);
    assert.equal(status, code);
    assert.equal(stderr, "Stopping after the current step; press Ctrl-C again to stop at once.\n");
  });
}
