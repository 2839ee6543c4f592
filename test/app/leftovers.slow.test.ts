/** What a killed process leaves beside its output: the next one removes it, and leaves alone what a living one is writing. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { removeLeftovers, temporaryName } from "../../src/system/leftovers.ts";
import { cancernet, MAIN, preloading } from "../support/command.ts";
import { useInputs } from "../support/inputs.ts";

const at = useInputs();

const hidden = (folder: string) => readdirSync(folder).filter((name) => name.startsWith("."));

/** Starts a process that stops for good before its `count`th call of a function of node:fs/promises, and waits for that. */
async function stuckBefore(t: TestContext, name: string, args: readonly string[]): Promise<ChildProcess> {
  const preload = `
    import { syncBuiltinESMExports } from "node:module";
    import fs from "node:fs";
    for (const owner of [fs.promises, fs]) {
      owner.${name} = () => { process.stdout.write("stuck"); return new Promise(() => setInterval(() => {}, 1e6)); };
    }
    syncBuiltinESMExports();`;
  const first = preloading(preload);
  const child = spawn(process.execPath, [...first, MAIN, ...args], { stdio: ["ignore", "pipe", "ignore"] });
  t.after(() => child.kill("SIGKILL"));
  const ended = once(child, "exit").then(() => assert.fail(`${args[0]} ended without a call of ${name}`));
  ended.catch(() => {});
  await Promise.race([once(child.stdout!, "data"), ended]);
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

const VERBS: Record<string, (folder: string) => string[]> = {
  prepare: (folder) => ["prepare", at("patches"), "--out", join(folder, "dataset")],
  evaluate: (folder) => ["evaluate", at("model.onnx"), "--dataset", at("dataset"), "--out", join(folder, "report")],
  explain: (folder) => ["explain", at("model.onnx"), at("patch.png"), "--out", join(folder, "why")],
  export: (folder) => ["export", at("model.onnx"), "--out", join(folder, "other.onnx"), "--overwrite"],
};

for (const [verb, args] of Object.entries(VERBS)) {
  test(`${verb}: what a killed one has left is removed, what a living one is writing is not`, async (t) => {
    const folder = at(verb);
    mkdirSync(folder);
    const child = await stuckBefore(t, "rename", args(folder));
    const [left] = hidden(folder);
    assert.ok(left, "something lies there under a temporary name");
    assert.equal((await cancernet(args(folder))).code, 0);
    assert.deepEqual(hidden(folder), [left], "the process that wrote it still lives");
    await kill(child);
    for (const name of readdirSync(folder)) if (!name.startsWith(".")) rmSync(join(folder, name), { recursive: true });
    const { code, err } = await cancernet(args(folder));
    assert.deepEqual([code, err], [0, err], err);
    assert.deepEqual(hidden(folder), []);
  });
}

test("what came from another machine is named, what looks like ours but is not stays", async () => {
  const folder = at("mixed");
  mkdirSync(folder);
  const own = temporaryName("model.onnx", "tmp");
  const [, start, host] = /\.\d+-(\d+)-([0-9a-f]{8})-/.exec(own)!;
  const foreign = own.replace(host!, "00000000");
  // This process's number, but another process, which has ended.
  const reused = own.replace(`-${start}-`, `-${Number(start) + 1}-`);
  const others = [".hidden", ".a.tmp", ".a.1.tmp", "model.onnx"];
  for (const name of [own, foreign, reused, ...others]) writeFileSync(join(folder, name), "");
  const warnings: string[] = [];
  await removeLeftovers(folder, (line) => warnings.push(line));
  const expected = process.platform === "linux" ? [own, foreign, ...others] : [own, foreign, reused, ...others];
  assert.deepEqual(readdirSync(folder).sort(), expected.sort());
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, new RegExp(`${foreign} was left by a cancernet on another machine: remove it`));
});

test("names stay short enough for every file system", () => {
  assert.ok(Buffer.byteLength(temporaryName("\u65e5".repeat(80), "partial")) < 255);
});
