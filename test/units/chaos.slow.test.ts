/**
 * Many slides by workers of a queue in PostgreSQL, of which some are killed, one is stopped for longer than its lease,
 * two have a wrong clock and one is of another version, while the database crashes, the network swallows everything for
 * a while, and the process that submits is killed: the results must be those of one process, byte for byte, and each
 * slide must be published once and have one row. CANCERNET_CHAOS=long makes it larger.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { RandomStream } from "../../src/system/random.ts";
import { WORKERS } from "../../src/units/postgres/tables.ts";
import { counted } from "../../src/util/numbers.ts";
import { cancernet } from "../support/command.ts";
import { useFolder } from "../support/folder.ts";
import { NO_POSTGRES, type Postgres, startPostgres } from "../support/postgres.ts";
import { type Running, startCancernet } from "../support/running.ts";
import { type SocketProxy, startSocketProxy } from "../support/socket_proxy.ts";
import {
  assertGathersAlone,
  assertPublishedOnce,
  assertSameResults,
  countPublications,
  damagedOf,
  referenceOf,
  SIZES,
  slideArguments,
  until,
} from "./chaos_fixture.ts";
import { Fleet } from "./fleet.ts";
import { unitOf } from "./kills.ts";
import { assertOneRowEach, noteTakes, Outages, settledUnits, takenAgain } from "./queue_facts.ts";

const { slides: COUNT, workers, kills, restarts, offlineSeconds, pausedSeconds, seed } = SIZES;
/** A killed worker's unit is taken again within this time. */
const MOST_SECONDS = 15;
const OTHER_VERSION = `
  import { createRequire } from "node:module";
  createRequire(${JSON.stringify(new URL("../../package.json", import.meta.url).href)})("./package.json").version = "0.0.1";`;
const at = useFolder("chaos");

test("workers that are killed, stopped and cut off give the results of one process", {
  skip: NO_POSTGRES,
}, async (t) => {
  const reference = referenceOf(t, at(), COUNT);
  const results = at("many", "results");
  const publications = countPublications(t, results);
  const server = await startPostgres(t);
  const proxy = await startSocketProxy(t, { path: server.socket });
  const environment = { ...server.environment, PGHOST: proxy.host };
  const args = ["work", "--results", at("many"), "--root", reference.slides, "--threads", "1"];
  const submit = () =>
    startCancernet(t, [...slideArguments(reference.slides, results), "--queue", "postgres"], { environment });

  const first = submit();
  let second = first;
  const outsider = startCancernet(t, args, { environment, preloads: [OTHER_VERSION] });
  const plan = { workers, kills, random: new RandomStream(seed, "chaos"), args, environment };
  const spared = new Set<Running>();
  const moments = { mostMilliseconds: (COUNT * 100 * workers) / kills, mostPublications: COUNT / kills / 2 };
  const fleet = new Fleet(t, { ...plan, results, killed: at("killed"), spared, ...moments });
  showIfItFails(t, () => [first, outsider, ...fleet.started, second]);
  await noteTakes(server);
  const meanwhile = (isSo: () => boolean | Promise<boolean>) =>
    until(() => {
      fleet.check();
      return isSo();
    });
  const share = (part: number) => meanwhile(() => publications.size >= part * COUNT);
  await share(0.1);
  first.process.kill("SIGKILL");
  second = submit();
  const outages = new Outages();
  const paused = pauseOne(fleet, spared, results);
  for (let restart = 1; restart <= restarts; restart++) {
    await share(0.2 * (restart / restarts) + 0.1);
    await outages.during(() => server.restart("immediate"));
  }
  await share(0.5);
  await outages.during(() => swallowed(proxy));
  await share(0.7);
  fleet.hurry();
  const submitted = await second.ended;
  const failed = damagedOf(COUNT).length;
  assert.equal(submitted.code, failed > 0 ? 2 : 0, second.printed());
  await meanwhile(() => fleet.deaths.length === kills);
  await meanwhile(async () => (await settledUnits(server)) === COUNT);
  const pausedWords = await paused;
  await endOutsider(outsider, server);
  await fleet.stop();

  await assertOneRowEach(server, COUNT);
  const again = await takenAgain(server, fleet.deaths, outages);
  await server.stop("fast");
  const gathered = await cancernet(["gather", results]);
  assert.equal(gathered.code, submitted.code, gathered.err);
  await assertSameResults(results, await reference.results);
  assertPublishedOnce(publications, COUNT);
  await assertGathersAlone(results, at("elsewhere"));
  t.diagnostic(
    `${COUNT} slides (${failed} damaged), ${workers} workers, ${fleet.deaths.length} kills (${again.length} at a unit), ` +
      `${counted(restarts, "crash", "crashes")} of the database, ${offlineSeconds} s without a network, one worker ${pausedWords}: ` +
      `${publications.size} published, 0 lost, 0 twice`,
  );
  t.diagnostic(`killed: ${fleet.deaths.map(({ words }) => words).join(", ")}`);
  const shown = again.map(
    ({ seconds, ofOutages }) =>
      `${seconds.toFixed(1)} s${ofOutages > 0 ? ` (${ofOutages.toFixed(1)} s of outages)` : ""}`,
  );
  t.diagnostic(`taken again after ${shown.join(", ")}`);
  assert.ok(again.every(({ seconds, ofOutages }) => seconds - ofOutages < MOST_SECONDS));
});

/** Shows the last words of the processes if the test fails. */
function showIfItFails(t: TestContext, processes: () => readonly Running[]): void {
  t.after(() => {
    if ((t as { passed?: boolean }).passed) return;
    for (const { process, printed } of processes()) {
      const words = printed()
        .split("\n")
        .filter((line) => !/^(Finding|Scoring) /.test(line));
      t.diagnostic(`${process.pid}, ${process.signalCode ?? process.exitCode}: ${words.slice(-8).join(" | ")}`);
    }
  });
}

/** Stops a worker that is at a unit for longer than its lease, and lets it go on. */
async function pauseOne(fleet: Fleet, spared: Set<Running>, results: string): Promise<string> {
  for (;;) {
    const worker = fleet.worker(0);
    spared.add(worker);
    worker.process.kill("SIGSTOP");
    await sleep(20);
    const unit = unitOf(results, worker);
    if (unit !== undefined) await sleep(pausedSeconds * 1000);
    worker.process.kill("SIGCONT");
    spared.delete(worker);
    if (unit !== undefined && worker.process.signalCode === null) return `stopped for ${pausedSeconds} s at ${unit}`;
    await sleep(80);
  }
}

async function swallowed(proxy: SocketProxy): Promise<void> {
  proxy.swallow();
  await sleep(offlineSeconds * 1000);
  proxy.goOn();
}

/** The worker of another version has done nothing, and has said why. */
async function endOutsider(outsider: Running, server: Postgres): Promise<void> {
  const rows = await server.query(`select done from ${WORKERS} where version like 'cancernet 0.0.1,%'`);
  assert.deepEqual(rows, [["0"]]);
  outsider.process.kill("SIGINT");
  assert.deepEqual(await outsider.ended, { code: 130, killedBy: null });
  assert.match(outsider.printed(), /units in the queue need another version/);
  assert.doesNotMatch(outsider.printed(), /slide-/);
}
