/** The queue in a real PostgreSQL server: offers, attempts that fence each other, lost and given-up units, versions. */

import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { failureOf } from "../../../src/units/failures.ts";
import { folderResults } from "../../../src/units/folder_results.ts";
import { UnitQueue } from "../../../src/units/postgres/queue.ts";
import { troubledUnits, workerStates, workStates } from "../../../src/units/postgres/state.ts";
import { RESULTS, WORKERS } from "../../../src/units/postgres/tables.ts";
import { UserError } from "../../../src/util/errors.ts";
import { queue } from "../../../src/workflows/queue.ts";
import { context } from "../../support/cohort.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { NO_POSTGRES, usePostgres } from "../../support/postgres.ts";
import { refused } from "../../support/refused.ts";
import { startCancernet } from "../../support/running.ts";
import { until } from "../chaos_fixture.ts";
import {
  describeToys,
  follow,
  offerUnits,
  rowsOf,
  startWorker,
  toyWorks,
  useServer,
  withQueue,
} from "./queue_fixture.ts";

const OTHER_VERSION = `
  import { createRequire } from "node:module";
  createRequire(${JSON.stringify(new URL("../../../package.json", import.meta.url).href)})("./package.json").version = "0.0.1";`;

describe("the queue", { skip: NO_POSTGRES }, () => {
  const server = usePostgres();
  const countsOf = async (folder: string) => {
    const { works } = await queue({ folder }, context);
    const [{ waiting, running, done, failed, dead } = { waiting: 0, running: 0, done: 0, failed: 0, dead: 0 }] = works;
    return { waiting, running, done, failed, dead };
  };

  test("a worker does what is offered, and the submitter hears of each unit once", async (t) => {
    useServer(server());
    const results = await temporaryFolder(t);
    const units = Array.from({ length: 40 }, (_, index) => `a${index}`);
    await describeToys(results, "first", units);
    const worker = startWorker(results, toyWorks(), { untilEmpty: false });
    const settled = await follow("first", units);
    worker.stop();
    await assert.rejects(worker.ended, /stopped/);
    assert.deepEqual(new Set(settled.keys()), new Set(units));
    assert.ok([...settled.values()].every((error) => error === null));
    assert.equal(await readFile(join(results, "first/a39/result.txt"), "utf8"), "a39");
    assert.deepEqual(await countsOf("first"), { waiting: 0, running: 0, done: 40, failed: 0, dead: 0 });
    assert.deepEqual(worker.warnings, []);
  });

  test("what waits or runs is not offered twice", async () => {
    useServer(server());
    await withQueue(async (open) => {
      const rows = rowsOf("twice", ["a", "b", "c"]);
      await open.offer(rows.slice(0, 2));
      const attempt = (await open.take())!;
      await open.offer(rows);
      assert.deepEqual(await countsOf("twice"), { waiting: 2, running: 1, done: 0, failed: 0, dead: 0 });
      assert.equal(await open.settle(attempt, attempt.data as (typeof rows)[0], "me", null), true);
      await open.offer(rows.filter(({ unit }) => unit !== (attempt.data as { unit: string }).unit));
      assert.deepEqual(await countsOf("twice"), { waiting: 2, running: 0, done: 1, failed: 0, dead: 0 });
    });
    await queue({ action: "drain", folder: "twice" }, context);
  });

  test("an earlier attempt can neither beat, settle nor give back once there is a later one", async () => {
    useServer(server());
    await withQueue(async (open) => {
      const [row] = rowsOf("fence", ["a"]);
      await open.offer([row!]);
      const first = (await open.take())!;
      assert.deepEqual(await UnitQueue.beat(open.connections, [first]), [first.id]);
      await server().query(
        `update cancernet_queue.job set heartbeat_on = now() - interval '1 minute' where id = '${first.id}'`,
      );
      const supervisor = await UnitQueue.open({ supervises: true });
      await until(async () => (await countsOf("fence")).waiting === 1);
      await supervisor.close();
      const second = (await open.take())!;
      assert.deepEqual([second.id, second.retryCount], [first.id, 1]);
      assert.deepEqual(await UnitQueue.beat(open.connections, [first]), []);
      assert.equal(await open.settle(first, row!, "first", "too late"), false);
      await open.giveBack(first, row!);
      await open.fail(first, "too late");
      assert.deepEqual(await countsOf("fence"), { waiting: 0, running: 1, done: 0, failed: 0, dead: 0 });
      assert.equal(await open.settle(second, row!, "second", null), true);
      assert.equal(await open.settle(second, row!, "second", null), false);
      assert.deepEqual(await server().query(`select worker, attempt, error from ${RESULTS} where folder = 'fence'`), [
        ["second", "1", ""],
      ]);
    });
  });

  test("a settlement is whole or nothing", async () => {
    useServer(server());
    await withQueue(async (open) => {
      const [row] = rowsOf("whole", ["a"]);
      await open.offer([row!]);
      const attempt = (await open.take())!;
      // The result cannot be written, so the attempt must not end either.
      await assert.rejects(open.settle(attempt, row!, null as unknown as string, null), /worker/);
      assert.deepEqual(await countsOf("whole"), { waiting: 0, running: 1, done: 0, failed: 0, dead: 0 });
      assert.equal(await open.settle(attempt, row!, "me", null), true);
    });
  });

  test("a failed unit is final, its words are shown, and retry offers it again", async (t) => {
    useServer(server());
    const results = await temporaryFolder(t);
    const folder = await describeToys(results, "fails", ["good", "bad"]);
    let isBroken = true;
    const works = toyWorks((name) => {
      if (isBroken && name === "bad") throw new UserError("slide-damaged", `${folder}/bad is cut off.`);
      return name;
    });
    await offerUnits("fails", ["good", "bad"]);
    assert.deepEqual(await startWorker(results, works).ended, { done: 1, failed: 1 });
    assert.deepEqual(await follow("fails", []), new Map());
    assert.deepEqual(await countsOf("fails"), { waiting: 0, running: 0, done: 1, failed: 1, dead: 0 });
    const { troubled } = await queue({ folder: "fails" }, context);
    assert.deepEqual(troubled, [{ folder: "fails", unit: "bad", state: "failed", words: "results/bad is cut off." }]);
    assert.equal(await failureOf(folderResults(folder), "bad"), "results/bad is cut off.");
    isBroken = false;
    for (const action of ["retry", "drain"] as const)
      await assert.rejects(
        queue({ action, folder: "unknown" }, context),
        refused("results-missing", /^The queue holds nothing of unknown: /),
      );
    assert.equal((await queue({ action: "retry", folder: "fails" }, context)).changed, 1);
    assert.deepEqual(await startWorker(results, works).ended, { done: 1, failed: 0 });
    assert.deepEqual(await countsOf("fails"), { waiting: 0, running: 0, done: 2, failed: 0, dead: 0 });
    assert.equal(await failureOf(folderResults(folder), "bad"), undefined);
  });

  test("drain removes what waits; what runs is finished, and the submitter says what is missing", async (t) => {
    useServer(server());
    const results = await temporaryFolder(t);
    const units = ["u0", "u1", "u2", "u3", "u4"];
    await describeToys(results, "drained", units);
    const gate = Promise.withResolvers<void>();
    const works = toyWorks(async (name) => {
      await gate.promise;
      return name;
    });
    const followed = follow("drained", units);
    followed.catch(() => {});
    const worker = startWorker(results, works, { untilEmpty: false });
    await until(async () => (await countsOf("drained")).running === 1);
    assert.equal((await queue({ action: "drain", folder: "drained" }, context)).changed, 4);
    gate.resolve();
    await assert.rejects(followed, refused("units-removed", "4 units will not be done"));
    worker.stop();
    assert.deepEqual(await countsOf("drained"), { waiting: 0, running: 0, done: 1, failed: 0, dead: 0 });
  });

  test("the same folder with another work is opened again, not done with the old one", async (t) => {
    useServer(server());
    const results = await temporaryFolder(t);
    const opened: unknown[] = [];
    const toys = toyWorks().toy!;
    const works = {
      toy: {
        open: (...[description, places, own]: Parameters<typeof toys.open>) => {
          opened.push(description.facts);
          return toys.open(description, places, own);
        },
      },
    };
    const worker = startWorker(results, works, { untilEmpty: false });
    for (const model of ["one", "two"]) {
      await rm(join(results, "again"), { recursive: true, force: true });
      await describeToys(results, "again", ["a", "b"], { model });
      await follow("again", ["a", "b"]);
    }
    worker.stop();
    assert.deepEqual(opened, [{ model: "one" }, { model: "two" }]);
  });

  test("a full disk: the unit is given back without counting as an attempt, and the worker pauses", async (t) => {
    useServer(server());
    const results = await temporaryFolder(t);
    await describeToys(results, "full", ["a"]);
    await offerUnits("full", ["a"]);
    const works = toyWorks(() => {
      throw new UserError("disk-full", "Cannot write: the disk is full; free some space.");
    });
    const worker = startWorker(results, works, { untilEmpty: false });
    await until(() => worker.warnings.length > 0);
    assert.match(worker.warnings[0]!, /the disk is full.*This worker pauses for 10 seconds\./);
    assert.deepEqual(await countsOf("full"), { waiting: 1, running: 0, done: 0, failed: 0, dead: 0 });
    worker.stop();
    await assert.rejects(worker.ended, /stopped/);
    assert.deepEqual(await startWorker(results).ended, { done: 1, failed: 0 });
    assert.deepEqual(await server().query(`select attempt from ${RESULTS} where folder = 'full'`), [["0"]]);
  });

  test("a worker without what a work needs says so and pauses; the unit is not failed", async (t) => {
    useServer(server());
    const results = await temporaryFolder(t);
    const elsewhere = await temporaryFolder(t);
    await describeToys(results, "there", ["a"]);
    await offerUnits("there", ["a"]);
    const lost = startWorker(elsewhere, toyWorks(), { untilEmpty: false });
    await until(() => lost.warnings.length > 0);
    assert.match(lost.warnings[0]!, /There is no folder of results there in .*This worker pauses/);
    lost.stop();
    assert.deepEqual(await startWorker(results).ended, { done: 1, failed: 0 });
    assert.deepEqual(await server().query(`select attempt, error from ${RESULTS} where folder = 'there'`), [["1", ""]]);
  });

  test("Ctrl-C: the unit is given back at once with what it has kept", async (t) => {
    useServer(server());
    const results = await temporaryFolder(t);
    const units = ["a", "b", "c"];
    await describeToys(results, "stopped", units);
    await offerUnits("stopped", units);
    const stopped = new AbortController();
    const begun = Promise.withResolvers<void>();
    const works = toyWorks(async () => {
      begun.resolve();
      await sleep(60_000, undefined, { signal: stopped.signal });
      return "";
    });
    const worker = startWorker(results, works, { untilEmpty: false });
    await begun.promise;
    const time = performance.now();
    worker.stop();
    stopped.abort();
    await assert.rejects(worker.ended, /stopped/);
    assert.ok(performance.now() - time < 5000);
    assert.deepEqual(await countsOf("stopped"), { waiting: 3, running: 0, done: 0, failed: 0, dead: 0 });
    assert.deepEqual(await withQueue((open) => workerStates(open.connections)), []);
    assert.deepEqual(await startWorker(results).ended, { done: 3, failed: 0 });
  });
  test("a worker of another version leaves our units, and says so in one sentence", async (t) => {
    useServer(server());
    const results = await temporaryFolder(t);
    await describeToys(results, "ours", ["a", "b"]);
    await offerUnits("ours", ["a", "b"]);
    const args = ["work", "--results", results, "--root", results];
    const outsider = startCancernet(t, args, { preloads: [OTHER_VERSION] });
    await until(() => outsider.printed().includes("need another version"));
    await sleep(1500);
    outsider.process.kill("SIGINT");
    assert.equal((await outsider.ended).code, 130);
    assert.equal(outsider.printed().match(/2 units in the queue need another version \(cancernet 0\.1/g)?.length, 1);
    assert.deepEqual(await countsOf("ours"), { waiting: 2, running: 0, done: 0, failed: 0, dead: 0 });
    assert.deepEqual(await startWorker(results).ended, { done: 2, failed: 0 });
  });

  test("a unit whose worker is lost again and again is given up with the last words", async (t) => {
    useServer(server());
    const results = await temporaryFolder(t);
    await describeToys(results, "deadly", ["a"]);
    await offerUnits("deadly", ["a"]);
    const supervisor = await UnitQueue.open({ supervises: true });
    await supervisor.connections.executeSql(
      `insert into ${WORKERS} (id, name, host, version, folder, unit, words)
       values ('killed', 'victim', 'host', 'v', 'deadly', 'a', 'Scoring a: 7/9 patches')`,
    );
    for (let attempt = 0; attempt < 4; attempt++) {
      await until(async () => (await supervisor.take()) !== undefined);
      await server().query(
        "update cancernet_queue.job set heartbeat_on = now() - interval '1 minute' where state = 'active'",
      );
    }
    await until(async () => (await countsOf("deadly")).dead === 1);
    const [dead] = await troubledUnits(supervisor.connections, "deadly");
    assert.deepEqual(dead, {
      folder: "deadly",
      unit: "a",
      state: "dead",
      words: "its worker victim was lost; last words: Scoring a: 7/9 patches",
    });
    await supervisor.connections.executeSql(`delete from ${WORKERS} where id = 'killed'`);
    await supervisor.close();
    assert.equal((await queue({ action: "retry", folder: "deadly" }, context)).changed, 1);
    assert.deepEqual(await startWorker(results).ended, { done: 1, failed: 0 });
    assert.deepEqual(await countsOf("deadly"), { waiting: 0, running: 0, done: 1, failed: 0, dead: 0 });
    assert.ok((await withQueue((open) => workStates(open.connections))).length > 5);
  });
});
