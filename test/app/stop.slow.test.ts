/** Ctrl-C through the real program, while it evaluates: what it says, how it ends, and that it leaves nothing behind. */
import assert from "node:assert/strict";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { before, test } from "node:test";
import { drawDataset } from "../support/cohort.ts";
import { preloading, program } from "../support/command.ts";
import { jsonOf, useFolder } from "../support/folder.ts";
import { modelBytes } from "../support/inputs.ts";

const at = useFolder("stop");

before(async () => {
  await drawDataset(at, { cases: 6, patchesPerCase: 10 });
  writeFileSync(at("model.onnx"), modelBytes("cancernet"));
});

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
  const line = "evaluate model.onnx --dataset dataset --out report/test";
  return program(line, { flags: preloading(script), cwd: at() });
}

// There, a process cannot interrupt itself.
const skip = process.platform === "win32" && "Windows knows no signals";

test("Ctrl-C stops an evaluation after its batch, and leaves no folder: 130", { skip }, () => {
  const { status, stdout, stderr } = evaluateInterrupted(1);
  assert.deepEqual(
    [status, stdout, stderr],
    [130, "", "Stopping after the current batch; press Ctrl-C again to stop at once.\ncancernet: stopped.\n"],
  );
  assert.equal(existsSync(at("report")), false);
});

test("a second Ctrl-C ends it at once: 130", { skip }, () => {
  const { status, stdout, stderr } = evaluateInterrupted(2);
  assert.deepEqual(
    [status, stdout, stderr],
    [130, "", "Stopping after the current batch; press Ctrl-C again to stop at once.\n"],
  );
  assert.equal(existsSync(at("report")), false);
});

test("without it, the evaluation makes its folder", () => {
  const { status } = evaluateInterrupted(0);
  assert.equal(status, 0);
  assert.equal(existsSync(at("report", "test", "report.json")), true);
});

/** Trains in a process that sends itself a signal while the first epoch is under way. */
function trainStopped(name: string, times: number) {
  rmSync(at("run"), { recursive: true, force: true });
  const script = `
    import { existsSync } from "node:fs";
    import { isMainThread } from "node:worker_threads";
    const timer = setInterval(() => {
      if (isMainThread && !existsSync("run/checkpoint-2.bin")) return;
      clearInterval(timer);
      for (let count = 0; isMainThread && count < ${times}; count++) process.kill(process.pid, "${name}");
    });`;
  const line = "train dataset --out run --epochs 50 --batch-size 2 --checkpoint-every 1";
  return program(line, { flags: preloading(script), cwd: at(), timeout: 120_000 });
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
    assert.match(stdout, /Resume with: cancernet train --resume run\n$/);
    assert.equal(existsSync(at("run", "checkpoint-1.bin")), true);
    assert.equal(jsonOf(at("run", "run.json")).status, "interrupted");
  });

  test(`${name} twice ends a training at once: ${code}`, { skip }, () => {
    const { status, stderr } = trainStopped(name, 2);
    assert.equal(status, code);
    assert.equal(stderr, "Stopping after the current step; press Ctrl-C again to stop at once.\n");
  });
}
