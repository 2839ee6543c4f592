/** Outages: killed workers, a network that swallows or breaks, a database that is away; and what is never printed. */

import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { RESULTS, WORKERS } from "../../../src/units/postgres/tables.ts";
import { cancernet, program } from "../../support/command.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { NO_POSTGRES, startPostgres, usePostgres } from "../../support/postgres.ts";
import { refused } from "../../support/refused.ts";
import { startCancernet } from "../../support/running.ts";
import { startSocketProxy } from "../../support/socket_proxy.ts";
import { until } from "../chaos_fixture.ts";
import {
  describeToys,
  follow,
  listen,
  offerUnits,
  startWorker,
  toyWorks,
  useServer,
  withQueue,
} from "./queue_fixture.ts";

/** The lease, half of it, and what a loaded machine adds. */
const MOST_SECONDS = 15;

describe("outages", { skip: NO_POSTGRES }, () => {
  const server = usePostgres();

  test("the unit of a worker that is killed is taken again within 15 s", async () => {
    useServer(server());
    await offerUnits("killed", ["a"]);
    // Its beats end without a farewell, as those of a killed process.
    await withQueue(async (queue) => assert.ok(await queue.take()));
    const start = performance.now();
    const results = process.cwd();
    const worker = startWorker(results, toyWorks(), { untilEmpty: false });
    const attempts = async () =>
      server().query("select retry_count, state from cancernet_queue.job where data ->> 'folder' = 'killed'");
    await until(async () => Number((await attempts())[0]![0]) === 1);
    const seconds = (performance.now() - start) / 1000;
    worker.stop();
    assert.ok(seconds < MOST_SECONDS, `taken again after ${seconds.toFixed(1)} s`);
    await worker.ended.catch(() => {});
    await server().query("delete from cancernet_queue.job where data ->> 'folder' = 'killed'");
  });

  test("a worker that computes without a pause for longer than its lease keeps its unit", async (t) => {
    useServer(server());
    const results = await temporaryFolder(t);
    await describeToys(results, "busy", ["a"]);
    await offerUnits("busy", ["a"]);
    const works = toyWorks((name) => {
      const end = performance.now() + 13_000;
      while (performance.now() < end);
      return name;
    });
    const busy = startWorker(results, works);
    const args = ["work", "--results", results, "--root", results, "--until-empty"];
    const other = startCancernet(t, args);
    assert.deepEqual(await busy.ended, { done: 1, failed: 0 });
    assert.equal((await other.ended).code, 0, other.printed());
    assert.deepEqual(
      await server().query(`select worker is not null, attempt, error from ${RESULTS} where folder = 'busy'`),
      [["t", "0", ""]],
    );
  });

  test("a silent network: the unit is stopped after half a lease, and done when the database answers again", async (t) => {
    const proxy = await startSocketProxy(t, { path: server().socket });
    useServer(server());
    const results = await temporaryFolder(t);
    await describeToys(results, "silent", ["a"]);
    await offerUnits("silent", ["a"]);
    useServer(server(), { PGHOST: proxy.host });
    const begun = Promise.withResolvers<void>();
    let stopped: number | undefined;
    let isFirst = true;
    const works = {
      toy: {
        open: async (...[{ units }, places]: Parameters<NonNullable<ReturnType<typeof toyWorks>["toy"]>["open"]>) => {
          const toy = await toyWorks().toy!.open({ units } as never, places as never, undefined as never);
          return {
            ...toy,
            async open(...[unit, context]: Parameters<typeof toy.open>) {
              const open = await toy.open(unit, context);
              if (!isFirst) return open;
              isFirst = false;
              return {
                ...open,
                async fill() {
                  begun.resolve();
                  const start = performance.now();
                  await sleep(60_000, undefined, { signal: context.signal }).catch(() => {});
                  stopped = (performance.now() - start) / 1000;
                  throw context.signal.reason;
                },
              };
            },
          };
        },
      },
    };
    const worker = startWorker(results, works);
    await begun.promise;
    proxy.swallow();
    await until(() => stopped !== undefined);
    assert.ok(stopped! > 4 && stopped! < 9, `stopped after ${stopped!.toFixed(1)} s`);
    await until(() => worker.warnings.some((line) => line.includes("does not answer")));
    proxy.goOn();
    assert.deepEqual(await worker.ended, { done: 1, failed: 0 });
    useServer(server());
    assert.deepEqual(await server().query(`select count(*), max(attempt) from ${RESULTS} where folder = 'silent'`), [
      ["1", "1"],
    ]);
  });

  test("a silent network stops no command for long", async (t) => {
    const proxy = await startSocketProxy(t, { path: server().socket });
    const environment = { ...server().environment, PGHOST: proxy.host };
    const results = await temporaryFolder(t);
    const worker = startCancernet(t, ["work", "--results", results, "--root", results], { environment });
    await until(async () => (await server().query(`select 1 from ${WORKERS}`)).length > 0);
    proxy.swallow();
    const start = performance.now();
    worker.process.kill("SIGINT");
    assert.equal((await worker.ended).code, 130, worker.printed());
    const ended = program(["queue"], { env: { ...process.env, ...environment } });
    assert.equal(ended.status, 2, ended.stderr);
    assert.match(ended.stderr, /The PostgreSQL server that the environment names does not answer/);
    assert.ok(performance.now() - start < 60_000);
    await server().query(`delete from ${WORKERS}`);
  });

  test("a database that crashes and comes back: the submitter and the worker wait for it and go on", async (t) => {
    const own = await startPostgres(t);
    useServer(own);
    const results = await temporaryFolder(t);
    const units = Array.from({ length: 12 }, (_, index) => `u${index}`);
    await describeToys(results, "crash", units);
    const works = toyWorks(async (name) => {
      await sleep(300);
      return name;
    });
    const heard = listen();
    const followed = follow("crash", units, { reporter: heard.reporter });
    const worker = startWorker(results, works, { untilEmpty: false });
    await until(() => readdirSync(join(results, "crash")).length > 3);
    await own.stop("immediate");
    await sleep(4000);
    await own.start();
    const settled = await followed;
    worker.stop();
    await worker.ended.catch(() => {});
    assert.deepEqual([...settled.keys()].sort(), [...units].sort());
    assert.ok(heard.warnings.length >= 1, "the submitter says that the database is away");
    assert.deepEqual(await own.query(`select count(*), count(distinct unit) from ${RESULTS}`), [["12", "12"]]);
  });

  test("Ctrl-C of the submitter leaves the queue at work; the same command looks at it again", async (t) => {
    useServer(server());
    const results = await temporaryFolder(t);
    const units = ["a", "b", "c"];
    await describeToys(results, "left", units);
    const stop = new AbortController();
    const followed = follow("left", units, { signal: stop.signal });
    followed.catch(() => {});
    await until(
      async () =>
        (await server().query("select 1 from cancernet_queue.job where data ->> 'folder' = 'left'")).length === 3,
    );
    stop.abort(new DOMException("stopped", "AbortError"));
    await assert.rejects(followed, /stopped/);
    const end = new AbortController();
    t.after(() => end.abort());
    const again = follow("left", units, { signal: end.signal });
    assert.equal((await startWorker(results).ended).failed, 0);
    assert.deepEqual(await again, new Map(units.map((unit) => [unit, null])));
  });
});

describe("credentials", { skip: NO_POSTGRES }, () => {
  const server = usePostgres();
  const SECRETS = ["s3cr3t-pa%2Fss", "s3cr3t-pa/ss"];

  test("are in no output, whatever goes wrong", async (t) => {
    const folder = await temporaryFolder(t);
    writeFileSync(join(folder, "no-socket"), "");
    const { host } = { host: server().environment.PGHOST };
    const [encoded] = SECRETS;
    const socket = encodeURIComponent(host);
    await server().query("create role nobody_here login; create schema if not exists cancernet_queue");
    const addresses: [string, RegExp][] = [
      [`postgres://cancernet:${encoded}@127.0.0.1:1/x`, /does not answer \(ECONNREFUSED\)/],
      [`postgres://cancernet:${encoded}@no-such-host.invalid/x`, /does not answer \((ENOTFOUND|EAI_AGAIN)\)/],
      [`postgres://cancernet:${encoded}@${socket}/no_such_database`, /refuses the connection \(3D000\)/],
      [`postgres://no_such_role:${encoded}@${socket}/postgres`, /refuses the connection \(28000\)/],
      [`postgres://cancernet:${encoded}@${socket}/postgres?sslmode=require`, /refuses the connection|does not answer/],
      [`postgres://nobody_here:${encoded}@${socket}/postgres`, /may not do this/],
      [`postgres://cancernet:${encoded}@[::bad/x`, /is not the address of a server/],
      [`postgres://cancernet:${encoded}@127.0.0.1:99999999/x`, /is not the address of a server/],
      [`cancernet:${encoded}@127.0.0.1:1/x`, /cancernet/],
    ];
    for (const [address, expected] of addresses) {
      const environment = { ...process.env, CANCERNET_DATABASE_URL: address };
      const commands = [
        ["work", "--results", folder, "--events"],
        ["queue", "show", "--json", "--events"],
      ];
      for (const command of commands) {
        const { stdout, stderr, status } = program(command, { env: environment });
        for (const secret of SECRETS)
          assert.ok(!`${stdout}${stderr}`.includes(secret), `${address}: ${stdout}${stderr}`);
        assert.equal(status, 2, `${address}: ${stdout}${stderr}`);
        assert.match(`${stdout}${stderr}`, expected, address);
      }
    }
  });

  test("without a variable, the sentence names them", async () => {
    const names = ["PGHOST", "PGSERVICE", "PGDATABASE", "CANCERNET_DATABASE_URL"];
    const before = names.map((name) => [name, process.env[name]] as const);
    for (const name of names) delete process.env[name];
    try {
      const { code, error } = await cancernet(["queue"]);
      assert.equal(code, 2);
      refused("database-unnamed", /PGHOST.*CANCERNET_DATABASE_URL/)(error);
    } finally {
      for (const [name, value] of before) if (value !== undefined) process.env[name] = value;
    }
  });
});
