/** The folds of a cross-validation as units: shards, kills, workers elsewhere and one process give the same tree of bytes. */

import assert from "node:assert/strict";
import { cpSync, existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readWork } from "../../src/units/description.ts";
import { folderResults } from "../../src/units/folder_results.ts";
import { runUnits } from "../../src/units/run.ts";
import type { JobEvent } from "../../src/util/reporter.ts";
import { crossvalidate } from "../../src/workflows/crossvalidate.ts";
import { gather } from "../../src/workflows/gather.ts";
import { WORKS } from "../../src/workflows/works.ts";
import { context } from "../support/cohort.ts";
import { assertSameTree, jsonOf, readTree } from "../support/folder.ts";
import { refused } from "../support/refused.ts";
import { commandProcess, signalAtPatch, useDataset } from "./resume_fixture.ts";

const WORDS = "--folds 3 --model compact --epochs 2 --batch-size 12 --views 1 --statistics running".split(" ");
const SETTINGS = { folds: 3, model: "compact", epochs: 2, batchSize: 12, views: 1, statistics: "running" } as const;
/** Empty, and made only if one process does all folds. */
const LOCK = ".units/crossvalidation.lock";

let expected: Map<string, Buffer>;
const at = useDataset(async () => {
  await crossvalidate({ ...place("one process"), ...SETTINGS, threads: 1 }, context);
  expected = await readTree(at("one process", "folds"));
});
/** A folder with a copy of the dataset, and the place of a cross-validation in it. */
function place(name: string): { readonly dataset: string; readonly out: string } {
  cpSync(at("dataset"), at(name, "dataset"), { recursive: true });
  return { dataset: at(name, "dataset"), out: at(name, "folds") };
}

test("a fold's folder names no place, and holds neither locks nor checkpoints", () => {
  assert.deepEqual(
    [...expected.keys()].filter((name) => /lock|checkpoint|partial|tmp/.test(name)),
    [LOCK],
  );
  for (const [name, bytes] of expected) {
    if (!/\.(json|html|csv|txt)$/.test(name)) continue;
    assert.ok(!bytes.includes(".units"), `${name} names an attempt`);
    assert.ok(!bytes.includes(at()), `${name} names a folder of this machine`);
  }
  const report = jsonOf(at("one process", "folds", "fold-2", "run", "evaluation-test", "report.json"));
  assert.match(report.command, /^cancernet evaluate run --dataset dataset /);
  assert.equal(report.dataset.folder, "dataset");
});

test("three shards that start at the same time, and a gather without the dataset", async () => {
  const { dataset, out } = place("shards");
  const shard = (number: number) =>
    commandProcess(["crossvalidate", dataset, "--out", out, ...WORDS, "--threads", "1", "--shard", `${number}/3`]);
  const ended = await Promise.all([1, 2, 3].map(shard));
  for (const [index, { code, stdout, stderr }] of ended.entries()) {
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`Fold ${index + 1}/3: done.*\\nShard ${index + 1}/3 is done: 1 fold\\. After all`));
  }
  assert.ok(!existsSync(join(out, "report.json")));
  renameSync(dataset, at("the dataset is elsewhere"));
  const gathered = await commandProcess(["gather", out]);
  assert.equal(gathered.code, 0, gathered.stderr);
  assert.match(gathered.stdout, /in 3 folds: .*each tested once/);
  await assertSameTree(out, expected, [LOCK]);
});

test("killed in each fold and between them, with other threads, it goes on and ends with the same bytes", {
  skip: process.platform === "win32" && "Windows knows no signals",
}, async () => {
  const { dataset, out } = place("kills");
  let words = [dataset, "--out", out, ...WORDS, "--threads", "1"];
  // A kill comes after so many patches were read; the next process goes on from the last checkpoint.
  for (const count of [1, 30, 100, 150, 60, 200, 10, 300]) {
    const ended = await commandProcess(["crossvalidate", ...words], { preload: signalAtPatch(count, ["SIGKILL"]) });
    assert.equal(ended.killedBy, "SIGKILL", ended.stderr);
    words = ["--resume", out, "--threads", "2", "--checkpoint-every", "1"];
  }
  assert.ok(existsSync(join(out, "fold-1")));
  const ended = await commandProcess(["crossvalidate", ...words]);
  assert.equal(ended.code, 0, ended.stderr);
  await assertSameTree(out, expected, [LOCK]);
});

test("an interrupted fold goes on from its checkpoint: no epoch is trained twice", async () => {
  const given = place("checkpoint");
  const stop = new AbortController();
  const epochs: string[] = [];
  const reporter = {
    ...context.reporter,
    event(event: JobEvent) {
      if (event.event !== "epoch") return;
      epochs.push(`${event.fold!.number}: ${event.epoch}`);
      if (epochs.length === 3) stop.abort(new Error("stopped"));
    },
  };
  const { signal } = stop;
  await assert.rejects(crossvalidate({ ...given, ...SETTINGS, threads: 1 }, { reporter, signal }), /stopped/);
  await crossvalidate({ resume: given.out }, { ...context, reporter });
  assert.deepEqual(epochs, ["1: 1", "1: 2", "2: 1", "2: 2", "3: 1", "3: 2"]);
  await assertSameTree(given.out, expected, [LOCK]);
});

test("a worker with another root finds the dataset there, by its hashes", async () => {
  const { dataset, out: folder } = place("workers");
  const root = at("workers");
  const shard = { dataset, out: folder, ...SETTINGS, threads: 1, shard: "1/3", root } as const;
  await crossvalidate(shard, context);
  renameSync(dataset, join(place("another root").out, "..", "inputs"));
  const description = (await readWork(folderResults(folder)))!;
  assert.equal(description.details.dataset_path, "dataset");
  const open = (root: string) =>
    WORKS.crossvalidate.open(description, { results: folderResults(folder), root, threads: 2 }, context);
  await assert.rejects(open(root), refused("file-missing", "no dataset dataset in"));
  const work = await open(at("another root"));
  try {
    await runUnits(work, {}, context, ({ name }, { error, wasDone }) => {
      assert.equal(error, undefined);
      assert.equal(wasDone, name === "fold-1", name);
    });
  } finally {
    await work.close();
  }
  await gather({ folder }, context);
  // The description of the work names the dataset's path from the root on; those above had none.
  await assertSameTree(folder, expected, [LOCK, ".units/work.json"]);
});
