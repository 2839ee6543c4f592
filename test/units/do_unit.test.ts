/** One unit: done once, published whole, its failure recorded, its interrupted attempt taken over. */
import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { doUnit } from "../../src/units/do_unit.ts";
import { failureOf } from "../../src/units/failures.ts";
import { folderResults } from "../../src/units/folder_results.ts";
import { attemptsOf } from "../../src/units/parts.ts";
import { runUnits } from "../../src/units/run.ts";
import { UserError } from "../../src/util/errors.ts";
import { silent } from "../../src/util/reporter.ts";
import { context } from "../support/cohort.ts";
import { readTree, temporaryFolder } from "../support/folder.ts";
import { refused } from "../support/refused.ts";
import { toyWork } from "./toy.ts";

test("a unit is done once: a second process finds it done", async (t) => {
  const folder = await temporaryFolder(t);
  const work = toyWork(folder, ["a", "b/c"]);
  for (const unit of work.units) {
    assert.deepEqual(await doUnit(work, unit, context), { done: unit.name, wasDone: false });
    assert.deepEqual(await doUnit(work, unit, context), { done: unit.name, wasDone: true });
  }
  assert.deepEqual(work.filled, ["a", "b/c"]);
  assert.equal(await readFile(join(folder, "b/c/result.txt"), "utf8"), "b/c");
  assert.deepEqual(await attemptsOf(folder, "a"), []);
});

test("of two processes at one unit with the same result, one publishes and the other drops its own", async (t) => {
  const folder = await temporaryFolder(t);
  const [first, second] = [toyWork(folder, ["a"]), toyWork(folder, ["a"])];
  let release = () => {};
  const waiting = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slow = toyWork(folder, ["a"], async (name) => {
    await waiting;
    return name;
  });
  const late = doUnit(slow, slow.units[0]!, context);
  assert.deepEqual(await doUnit(first, first.units[0]!, context), { done: "a", wasDone: false });
  release();
  assert.deepEqual(await late, { done: "a", wasDone: false });
  assert.deepEqual(await doUnit(second, second.units[0]!, context), { done: "a", wasDone: true });
  await folderResults(folder).requireNoConflict();
  assert.deepEqual(await attemptsOf(folder, "a"), []);
});

test("two different results of one unit are both kept, and refused by name until a person decides", async (t) => {
  const folder = await temporaryFolder(t);
  let content = "first";
  const work = toyWork(folder, ["a"], async (_, place) => {
    if (content === "second") {
      await mkdir(join(folder, "a"));
      await writeFile(join(folder, "a", "result.txt"), "first");
    }
    await writeFile(join(place, "more.txt"), "");
    return content;
  });
  content = "second";
  await assert.rejects(doUnit(work, work.units[0]!, context), refused("results-differ", "more.txt"));
  assert.equal(await readFile(join(folder, "a/result.txt"), "utf8"), "first");
  const [kept] = await readdir(join(folder, ".units/conflicts/a"));
  assert.equal(await readFile(join(folder, ".units/conflicts/a", kept!, "result.txt"), "utf8"), "second");
  await assert.rejects(folderResults(folder).requireNoConflict(), refused("results-differ", join("conflicts", "a")));
  assert.equal(await failureOf(folderResults(folder), "a"), undefined);
});

test("a failed unit is recorded without paths of this machine, and its record goes when it succeeds", async (t) => {
  const folder = await temporaryFolder(t);
  let broken = true;
  const work = toyWork(folder, ["a"], (name) => {
    if (broken) throw new UserError("slide-damaged", `${folder}/a is damaged.`);
    return name;
  });
  const [unit] = work.units;
  const { error, cause } = await doUnit(work, unit!, context);
  assert.equal(error, `${folder}/a is damaged.`);
  assert.equal(cause?.code, "slide-damaged");
  assert.equal(await failureOf(folderResults(folder), "a"), "results/a is damaged.");
  assert.deepEqual(await attemptsOf(folder, "a"), []);
  broken = false;
  assert.deepEqual(await doUnit(work, unit!, context), { done: "a", wasDone: false });
  assert.equal(await failureOf(folderResults(folder), "a"), undefined);
});

test("a full disk is no failure of the unit: it is thrown, nothing is recorded, and the attempt is kept", async (t) => {
  const folder = await temporaryFolder(t);
  const work = toyWork(folder, ["a"], async (_, place) => {
    await writeFile(join(place, "half.txt"), "half");
    throw new UserError("disk-full", "Cannot write: the disk is full; free some space.");
  });
  await assert.rejects(doUnit(work, work.units[0]!, context), refused("disk-full"));
  assert.equal(await failureOf(folderResults(folder), "a"), undefined);
  const [kept] = await attemptsOf(folder, "a");
  assert.deepEqual(await readdir(kept!), ["half.txt"]);
});

test("what an interrupted attempt has kept is there for the next one, and goes with the work", async (t) => {
  const folder = await temporaryFolder(t);
  const stop = new AbortController();
  const interrupted = toyWork(folder, ["a"], async (_, place) => {
    await writeFile(join(place, "half.txt"), "half");
    stop.abort(new Error("stopped"));
    throw stop.signal.reason;
  });
  await assert.rejects(
    doUnit(interrupted, interrupted.units[0]!, { reporter: silent, signal: stop.signal }),
    /stopped/,
  );
  const found: string[] = [];
  const work = toyWork(folder, ["a"], async (_, __, earlier) => {
    for (const place of earlier) found.push(await readFile(join(place, "half.txt"), "utf8"));
    return "whole";
  });
  await doUnit(work, work.units[0]!, context);
  assert.deepEqual(found, ["half"]);
  await folderResults(folder).finish(["a"], []);
  assert.deepEqual(await attemptsOf(folder, "a"), []);
});

test("an attempt whose folder was removed, because another one was published, finds the unit done", async (t) => {
  const folder = await temporaryFolder(t);
  const work = toyWork(folder, ["a"], async (_, place) => {
    const other = toyWork(folder, ["a"]);
    await doUnit(other, other.units[0]!, context);
    await rm(place, { recursive: true });
    throw new UserError("file-missing", "Cannot write: no such folder.");
  });
  assert.deepEqual(await doUnit(work, work.units[0]!, context), { done: "a", wasDone: true });
});

test("shards together do every unit once, whatever their number", async (t) => {
  const names = Array.from({ length: 23 }, (_, index) => `u${index}`);
  for (const shards of [1, 2, 7, 23, 40]) {
    const folder = await temporaryFolder(t);
    const positions: number[] = [];
    for (let number = shards; number >= 1; number--) {
      const work = toyWork(folder, names);
      await runUnits(work, { shard: `${number}/${shards}` }, context, (_, { wasDone }, position) => {
        assert.equal(wasDone, false);
        positions.push(position);
      });
    }
    assert.deepEqual(
      positions.sort((a, b) => a - b),
      names.map((_, index) => index + 1),
    );
    const files = [...(await readTree(folder)).keys()].filter((path) => !path.startsWith(".units"));
    assert.equal(files.length, names.length);
  }
});
