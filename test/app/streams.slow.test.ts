/** Standard output and error that take nothing, through the real program: one sentence elsewhere, exit code 2, whole files. */
import assert from "node:assert/strict";
import { type StdioOptions, spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { test } from "node:test";
import { COMMANDS } from "../../src/app/cli/commands.ts";
import { openDataset } from "../../src/histology/dataset/dataset.ts";
import { cancernet, MAIN, program } from "../support/command.ts";
import { jsonOf } from "../support/folder.ts";
import { useInputs } from "../support/inputs.ts";
import { NO_POSTGRES, usePostgres } from "../support/postgres.ts";

const at = useInputs(async () => {
  const { code, err } = await cancernet(["evaluate", at("model.onnx"), ...onDataset(), "--out", at("report")]);
  assert.equal(code, 0, err);
  const shard = ["--out", at("many"), "--shard", "1/1"];
  assert.equal((await cancernet(["slide", at("model.onnx"), at("slides"), "--scale", "1", ...shard])).code, 0);
});
usePostgres(({ environment }) => Object.assign(process.env, environment));
const FULL = "/dev/full";
const skip = !existsSync(FULL) && "there is no /dev/full here";

const onDataset = () => ["--dataset", at("dataset")];
const small = ["--model", "compact", "--epochs", "1", "--views", "1"];

/** A command line for each verb, with results on standard output. */
const VERBS: Record<string, () => string[]> = {
  prepare: () => ["prepare", at("patches"), "--out", at("new")],
  correct: () => ["correct", at("dataset"), at("journal.jsonl"), "--out", at("new")],
  train: () => ["train", at("dataset"), "--out", at("new"), ...small],
  crossvalidate: () => ["crossvalidate", at("dataset"), "--out", at("new"), "--folds", "3", ...small],
  sweep: () => ["sweep", at("dataset"), at("settings.csv"), "--out", at("new")],
  evaluate: () => ["evaluate", at("model.onnx"), ...onDataset(), "--out", at("new")],
  compare: () => ["compare", at("report"), at("report")],
  probe: () => ["probe", at("dataset"), "--features", at("extractor.onnx"), "--out", at("new")],
  calibrate: () => ["calibrate", at("model.onnx"), ...onDataset(), "--out", at("new")],
  "add-context": () => ["add-context", at("model.onnx"), ...onDataset(), "--out", at("new")],
  predict: () => ["predict", at("model.onnx"), at("patches"), "--csv"],
  slide: () => ["slide", at("model.onnx"), at("slides", "one.png"), "--out", at("new")],
  gather: () => ["gather", at("many")],
  work: () => ["work", "--until-empty", "--root", at(), "--results", at()],
  queue: () => ["queue"],
  import: () => ["import", at("weights.keras"), "--out", at("new")],
  explain: () => ["explain", at("model.onnx"), at("patch.png"), "--out", at("new")],
  export: () => ["export", at("model.onnx"), "--out", at("new")],
  demo: () => ["demo", "--out", at("new"), "--cases", "6", "--epochs", "1"],
  doctor: () => ["doctor"],
  studio: () => ["studio", "--no-open", at("slides")],
};

/** The verbs that print results only if there is a server. */
const skips = (verb: string) => (["work", "queue"].includes(verb) ? skip || NO_POSTGRES : skip);

function run(args: readonly string[], { stdout = "pipe", stderr = "pipe" }: { stdout?: string; stderr?: string }) {
  rmSync(at("new"), { recursive: true, force: true });
  const streams = [stdout, stderr].map((place) => (place === "pipe" ? "pipe" : openSync(place, "w")));
  try {
    const stdio = ["ignore" as const, ...streams] as StdioOptions;
    return program(args, { stdio, timeout: 240_000 });
  } finally {
    for (const stream of streams) if (typeof stream === "number") closeSync(stream);
  }
}

test("every verb stands in the table above", () => {
  assert.deepEqual(Object.keys(VERBS).sort(), COMMANDS.map(({ name }) => name).sort());
});

for (const [verb, args] of Object.entries(VERBS)) {
  test(`${verb}: results that cannot be written give one sentence on standard error, and exit code 2`, {
    skip: skips(verb),
  }, () => {
    const { status, stderr, signal } = run(args(), { stdout: FULL });
    const told = stderr.split("\n").filter((line) => line.startsWith("cancernet: "));
    assert.deepEqual([status, signal], [2, null], stderr);
    assert.deepEqual(told, [
      "cancernet: Cannot write to standard output: the disk is full; see where it leads, and run the command again.",
    ]);
    assert.doesNotMatch(stderr, /\n\s+at .*:\d+/);
    // What is there under its name is whole; what is not whole has no name.
    const folder = readdirSync(at("."));
    assert.deepEqual(
      folder.filter((name) => name.startsWith(".")),
      [],
    );
  });

  test(`${verb}: help that cannot be written ends with 2`, { skip }, () => {
    const { status, stderr } = run([verb, "--help"], { stdout: FULL });
    assert.equal(status, 2);
    assert.match(stderr, /^cancernet: Cannot write to standard output: the disk is full; [^\n]*\n$/);
  });

  test(`${verb}: a mistake that cannot be told on standard error is told of on standard output`, { skip }, () => {
    const { status, stdout } = run([verb, "--nonsense"], { stderr: FULL });
    assert.equal(status, 2);
    assert.match(stdout, /^cancernet: Cannot write to standard error: the disk is full; [^\n]*\n$/);
  });

  test(`${verb}: closed streams change nothing`, { skip: process.platform === "win32" }, () => {
    for (const closed of [">&-", "2>&-", "<&-", ">&- 2>&- <&-"]) {
      const { status, stdout, stderr } = spawnSync(
        "sh",
        ["-c", `exec "$0" "$@" ${closed}`, process.execPath, MAIN, verb, "--help"],
        { encoding: "utf8" },
      );
      assert.deepEqual([status, stderr, stdout.length > 0], [0, "", !/(^| )>&-/.test(closed)], closed);
    }
  });
}

test("a dataset that was finished before its summary could not be told is whole", { skip }, async () => {
  assert.equal(run(VERBS.prepare!(), { stdout: FULL }).status, 2);
  (await openDataset(at("new"))).close();
});

test("a training whose end could not be told is whole", { skip }, async () => {
  assert.equal(run(VERBS.train!(), { stdout: FULL }).status, 2);
  assert.equal(jsonOf(at("new", "run.json")).status, "finished");
  const { code, err } = await cancernet(["predict", at("new"), at("patch.png")]);
  assert.equal(code, 0, err);
});

test("a table that is cut short in a file that may not grow is no success", {
  skip: process.platform === "win32",
}, () => {
  const table = at("table.csv");
  const script = 'ulimit -f 1; exec "$0" "$@" > "$TABLE"';
  const { status, stderr } = spawnSync("sh", ["-c", script, process.execPath, MAIN, ...VERBS.predict!()], {
    encoding: "utf8",
    env: { ...process.env, TABLE: table },
  });
  assert.ok(readFileSync(table).length <= 1024);
  assert.equal(status, 2, stderr);
  assert.match(stderr, /^cancernet: Cannot write to standard output: the file would exceed the size limit; [^\n]*\n$/);
});

test("a table on a file system without room is no success", (t) => {
  const disk = at("disk");
  const mounted = spawnSync("sh", ["-c", `mkdir "${disk}" && mount -t tmpfs -o size=4k none "${disk}"`]);
  if (mounted.status !== 0) return t.skip("this user may mount no file system");
  try {
    const { status, stderr } = run(VERBS.predict!(), { stdout: at("disk", "table.csv") });
    assert.equal(status, 2, stderr);
    assert.match(stderr, /^cancernet: Cannot write to standard output: the disk is full; [^\n]*\n$/);
  } finally {
    spawnSync("umount", [disk]);
  }
});
