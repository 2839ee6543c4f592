/** Results in object storage, on a real server: what test/units/do_unit.test.ts asks of a folder, and what only a store can do wrong. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Connection } from "../../src/system/objects/connection.ts";
import { storeSettings } from "../../src/system/objects/settings.ts";
import { ObjectStore } from "../../src/system/objects/store.ts";
import { describeWork, readWork } from "../../src/units/description.ts";
import { doUnit } from "../../src/units/do_unit.ts";
import { failureOf } from "../../src/units/failures.ts";
import { openResults } from "../../src/units/open_results.ts";
import { newPart } from "../../src/units/parts.ts";
import type { Results } from "../../src/units/results.ts";
import { UserError } from "../../src/util/errors.ts";
import { context } from "../support/cohort.ts";
import { useFolder } from "../support/folder.ts";
import { NO_OBJECT_SERVER, type ObjectServer, startObjectServer } from "../support/object_server.ts";
import { refused } from "../support/refused.ts";
import { toyWork } from "./toy.ts";

const BUCKET = "results";
const at = useFolder("store results");
const WORK = { verb: "toy", facts: { stride: 50 }, details: {}, units: [{ name: "a" }, { name: "b/c" }] };

describe("results in object storage", { skip: NO_OBJECT_SERVER }, () => {
  let server: ObjectServer;
  let store: ObjectStore;
  const opened: Results[] = [];
  /** Another process at the same results: it shares nothing but them. */
  const open = async (name: string): Promise<Results> => {
    const results = await openResults(`s3://${BUCKET}/${name}`, context);
    opened.push(results);
    return results;
  };
  const work = (results: Results, content?: Parameters<typeof toyWork>[2]) => ({
    ...toyWork(results.folder, ["a", "b/c"], content),
    results,
  });
  const fillAttempt = async (place: string, text: string) => {
    await mkdir(join(place, "more"), { recursive: true });
    await writeFile(join(place, "result.txt"), text);
    await writeFile(join(place, "more", "ü.txt"), "more");
    return place;
  };
  const attempt = async (results: Results, unit: string, text: string) =>
    fillAttempt(await newPart(results.folder, unit), text);
  const keys = async (prefix: string) => {
    const found: string[] = [];
    for await (const { key } of store.list(`${prefix}/`)) found.push(key.slice(prefix.length + 1));
    return found;
  };

  before(async () => {
    server = await startObjectServer();
    mkdirSync(at("temporary"));
    Object.assign(process.env, server.environment, { TMPDIR: at("temporary") });
    await (await Connection.open(BUCKET, storeSettings(), context.signal)).send({ method: "PUT", key: "" });
    store = await ObjectStore.open(BUCKET, context.signal);
  });
  after(() => server?.stop());

  test("hold one description of several processes that begin at the same moment, and refuse another work", async () => {
    const all = await Promise.all(Array.from({ length: 12 }, () => open("described")));
    const found = await Promise.all(
      all.map((results, index) => describeWork(results, { ...WORK, details: { shown: String(index) } })),
    );
    assert.equal(new Set(found.map((description) => JSON.stringify(description))).size, 1);
    assert.deepEqual(await readWork(all[0]!), found[0]);
    const other = { ...WORK, facts: { stride: 25 } };
    await assert.rejects(
      describeWork(all[0]!, other),
      refused("output-mismatch", /s3:\/\/results\/described .* stride/),
    );
  });

  test("begin only where nothing of others lies", async () => {
    await store.write("foreign/data.txt", "of others");
    await assert.rejects(describeWork(await open("foreign"), WORK), refused("output-exists", "data.txt"));
    assert.ok((await keys("foreign")).every((key) => key === "data.txt"));
  });

  test("take one of several equal results at the same moment, 30 times, and hold no other object afterwards", async () => {
    for (let round = 0; round < 30; round++) {
      const name = `equal/${round}`;
      const all = await Promise.all([open(name), open(name), open(name)]);
      await Promise.all(all.map(async (results) => results.publish(await attempt(results, "b/c", "same"), "b/c")));
      await all[0]!.requireNoConflict();
      const published = JSON.parse((await all[0]!.read("b/c.json", ""))!);
      const left = (await keys(name)).filter((key) => key.startsWith(".units/parts/"));
      assert.deepEqual(left.sort(), [`${published.at}/more/ü.txt`, `${published.at}/result.txt`]);
      const reader = await open(name);
      await reader.bring(["a", "b/c"]);
      assert.equal(readFileSync(join(reader.folder, "b/c/result.txt"), "utf8"), "same");
      assert.equal(readFileSync(join(reader.folder, "b/c/more/ü.txt"), "utf8"), "more");
    }
  });

  test("keep both of two different results, whoever was first, and refuse by name until a person decides", async () => {
    for (let round = 0; round < 10; round++) {
      const name = `different/${round}`;
      const both = await Promise.all([open(name), open(name)]);
      const outcomes = await Promise.allSettled(
        both.map(async (results, index) => results.publish(await attempt(results, "a", `result ${index}`), "a")),
      );
      const [lost] = outcomes.filter((outcome) => outcome.status === "rejected");
      assert.equal(outcomes.filter((outcome) => outcome.status === "fulfilled").length, 1);
      assert.ok(refused("results-differ", /a\.json, and result\.txt differs: the other result is s3:/)(lost!.reason));
      await assert.rejects(both[0]!.requireNoConflict(), refused("results-differ", ".units/conflicts/a/"));
      assert.equal((await keys(name)).filter((key) => key.endsWith("result.txt")).length, 2);
      const [conflict] = (await keys(name)).filter((key) => key.startsWith(".units/conflicts/"));
      await both[0]!.remove(conflict!);
      await both[0]!.requireNoConflict();
    }
  });

  test("belong to a process whose answer was lost", async () => {
    const results = await open("lost");
    const place = await attempt(results, "a", "mine");
    await results.publish(place, "a");
    // The same attempt once more, as after a lost answer: the server has the manifest already, and it is ours.
    await fillAttempt(place, "mine");
    await results.publish(place, "a");
    const reader = await open("lost");
    await reader.bring(["a"]);
    assert.equal(readFileSync(join(reader.folder, "a/result.txt"), "utf8"), "mine");
  });

  test("are complete although the server is killed while results are published", async () => {
    const results = await open("killed");
    const units = Array.from({ length: 12 }, (_, index) => `unit-${index}`);
    const publishing = units.map(async (unit) => results.publish(await attempt(results, unit, unit), unit));
    await server.restart();
    await Promise.all(publishing);
    const reader = await open("killed");
    await reader.bring(units);
    for (const unit of units) assert.equal(readFileSync(join(reader.folder, unit, "result.txt"), "utf8"), unit);
  });

  test("do a unit once, record failures, and remove attempts at what is published", async () => {
    const [first, second] = [await open("done"), await open("done")];
    const [unit] = work(first).units;
    const failing = work(first, () => {
      throw new UserError("slide-damaged", `${first.folder}/a is damaged.`);
    });
    assert.equal((await doUnit(failing, unit!, context)).done, undefined);
    assert.equal(await failureOf(second, "a"), "results/a is damaged.");
    await store.write(
      "done/.units/parts/a/.attempt.1-0-00000000-00000000.partial/left.txt",
      "left by a killed process",
    );
    await store.write("done/.units/parts/b/c/.attempt.1-0-00000000-00000000.partial/left.txt", "at work elsewhere");
    assert.deepEqual(await doUnit(work(first), unit!, context), { done: "a", wasDone: false });
    assert.equal(await failureOf(second, "a"), undefined);
    await second.bring(["a"]);
    assert.deepEqual(await doUnit(work(second), unit!, context), { done: "a", wasDone: true });
    await writeFile(join(second.folder, "summary.csv"), "summary\n");
    await second.finish(["a", "b/c"], ["b/c"]);
    assert.equal(await first.read("summary.csv", ""), "summary\n");
    const left = await keys("done");
    assert.deepEqual(
      left.filter((key) => key.endsWith("left.txt")).map((key) => key.split("/")[2]),
      ["b"],
    );
    assert.ok(left.some((key) => key.endsWith("result.txt")));
  });

  test("are refused by name if an object or a manifest was changed", async () => {
    const results = await open("changed");
    await results.publish(await attempt(results, "a", "right"), "a");
    const { at: place } = JSON.parse((await results.read("a.json", ""))!);
    await results.write(`${place}/result.txt`, "wrong");
    await assert.rejects((await open("changed")).bring(["a"]), refused("output-mismatch", "result.txt was changed"));
    for (const text of ["", "{}", JSON.stringify({ format: 1, at: ".units/parts/../../other", files: [] })]) {
      await results.write("a.json", text);
      await assert.rejects((await open("changed")).bring(["a"]), refused("output-mismatch", "a.json"));
    }
    const outside = { format: 1, at: place, files: [{ name: "../x", bytes: 1, sha256: "0".repeat(64) }] };
    await results.write("a.json", JSON.stringify(outside));
    await assert.rejects((await open("changed")).bring(["a"]), refused("output-mismatch", "files.0.name"));
  });

  test("share a file once, and look again at a unit that was forgotten", async () => {
    const [one, other] = [await open("shared"), await open("shared")];
    await other.bringFile(".units/model.onnx");
    assert.deepEqual([await other.stamp(".units/model.onnx"), readdirSync(other.folder)], [undefined, []]);
    mkdirSync(join(one.folder, ".units"));
    await writeFile(join(one.folder, ".units/model.onnx"), "model");
    await one.shareFile(".units/model.onnx");
    const stamp = await other.stamp(".units/model.onnx");
    await writeFile(join(one.folder, ".units/model.onnx"), "other");
    await one.shareFile(".units/model.onnx");
    assert.equal(await other.stamp(".units/model.onnx"), stamp);
    await other.bringFile(".units/model.onnx");
    assert.equal(readFileSync(join(other.folder, ".units/model.onnx"), "utf8"), "model");
    await one.write(".units/model.onnx", "third");
    assert.notEqual(await other.stamp(".units/model.onnx"), stamp);

    await one.publish(await attempt(one, "a", "first"), "a");
    await other.bring(["a"]);
    await one.remove("a.json");
    await one.publish(await attempt(one, "a", "second"), "a");
    await other.forget("a");
    assert.ok(!readdirSync(other.folder).includes("a"));
    await other.bring(["a"]);
    assert.equal(readFileSync(join(other.folder, "a/result.txt"), "utf8"), "second");
  });

  test("leave nothing on this machine", async () => {
    for (const results of opened) await results.close();
    assert.deepEqual(readdirSync(at("temporary")), []);
  });
});
