/**
 * Workers of a queue whose slides and results lie in object storage, on real servers: one is killed again and again,
 * and the results are those of one process, each published once.
 */
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { bundledModelPath } from "../../../src/artifacts/bundled_models.ts";
import { encodePng } from "../../../src/histology/image/decode.ts";
import { slideOptions } from "../../../src/options/slide.ts";
import { Connection } from "../../../src/system/objects/connection.ts";
import { storeSettings } from "../../../src/system/objects/settings.ts";
import { ObjectStore } from "../../../src/system/objects/store.ts";
import { describeWork } from "../../../src/units/description.ts";
import { openResults } from "../../../src/units/open_results.ts";
import { VERSION } from "../../../src/units/postgres/row.ts";
import { RESULTS } from "../../../src/units/postgres/tables.ts";
import { crossvalidate } from "../../../src/workflows/crossvalidate.ts";
import { gather } from "../../../src/workflows/gather.ts";
import { slide } from "../../../src/workflows/slide.ts";
import { work } from "../../../src/workflows/work.ts";
import { context } from "../../support/cohort.ts";
import { readTree, useFolder } from "../../support/folder.ts";
import { NO_OBJECT_SERVER, type ObjectServer, startObjectServer } from "../../support/object_server.ts";
import { NO_POSTGRES, usePostgres } from "../../support/postgres.ts";
import { refused } from "../../support/refused.ts";
import { type Running, startCancernet } from "../../support/running.ts";
import { listen, useServer, withQueue } from "../../units/postgres/queue_fixture.ts";
import { drawSlide } from "../slide/scored.ts";

const BUCKET = "lab";
const SLIDES = 10;
const KILLS = 4;
const [SLIDES_AT, RESULTS_AT] = ["s3://lab/slides", "s3://lab/results"];
const PLACES = ["--root", SLIDES_AT, "--results", RESULTS_AT, "--threads", "1"];
const at = useFolder("stored queue");

describe("a queue with object storage", { skip: NO_OBJECT_SERVER || NO_POSTGRES }, () => {
  const postgres = usePostgres();
  let server: ObjectServer;
  let store: ObjectStore;
  const optionsOf = (out: string, more: object = {}) =>
    slideOptions.parse({ model: at("own.onnx"), slides: [`${SLIDES_AT}/`], out, threads: 1, ...more });
  const queued = { queue: "postgres", root: SLIDES_AT, results: RESULTS_AT } as const;
  /** The results of a folder, without the place that the command line in reports names. */
  const comparable = async (folder: string, place: string) =>
    new Map(
      [...(await readTree(folder))]
        .filter(([name]) => !name.startsWith(".units"))
        .map(([name, bytes]) => [name, bytes.toString("latin1").replaceAll(`--out ${place}`, "--out OUT")]),
    );

  before(async () => {
    server = await startObjectServer();
    mkdirSync(at("temporary"));
    mkdirSync(at("files"));
    useServer(postgres());
    Object.assign(process.env, server.environment, { TMPDIR: at("temporary") });
    await (await Connection.open(BUCKET, storeSettings(), context.signal)).send({ method: "PUT", key: "" });
    store = await ObjectStore.open(BUCKET, context.signal);
    for (let seed = 0; seed < SLIDES; seed++) {
      writeFileSync(at("files", `s${seed}.png`), await encodePng(drawSlide({ seed })));
      await store.upload(at("files", `s${seed}.png`), `slides/day 1/s${seed}.png`);
    }
    await store.write("slides/s99.png", "damaged");
    copyFileSync(bundledModelPath("idc")!, at("own.onnx"));
    await slide(optionsOf(at("local")), context);
  });
  after(() => server?.stop());

  test("gives the results of one process, although a worker is killed again and again", {
    timeout: 300_000,
  }, async (t) => {
    const start = () => startCancernet(t, ["work", ...PLACES]);
    const line = ["slide", at("own.onnx"), `${SLIDES_AT}/`, "--out", `${RESULTS_AT}/many`, "--queue", "postgres"];
    const submitter = startCancernet(t, [...line, ...PLACES]);
    for (let kill = 0; kill < KILLS; kill++) await killAtSlide(start());
    const workers = [start(), start()];
    assert.equal((await submitter.ended).code, 2, submitter.printed()); // One slide is damaged.
    for (const worker of workers) {
      worker.process.kill("SIGINT");
      assert.equal((await worker.ended).code, 130, worker.printed());
    }
    const counts = await postgres().query(`select count(*), count(distinct unit), count(error) from ${RESULTS}`);
    assert.deepEqual(counts, [[SLIDES + 1, SLIDES + 1, 1].map(String)]);
    await gather({ folder: `${RESULTS_AT}/many`, copyTo: at("copy") }, context);
    const [found, expected] = [
      await comparable(at("copy"), `${RESULTS_AT}/many`),
      await comparable(at("local"), "local"),
    ];
    assert.deepEqual([...found.keys()], [...expected.keys()]);
    for (const [name, text] of expected) assert.ok(found.get(name) === text, name);
    const keys: string[] = [];
    for await (const { key } of store.list("results/many/.units/")) keys.push(key.slice("results/many/.units/".length));
    const parts = keys.filter((key) => key.startsWith("parts/"));
    assert.equal(parts.length, SLIDES * [...expected.keys()].filter((name) => name.startsWith("s0/")).length);
    assert.deepEqual(
      keys.filter((key) => !key.startsWith("parts/")).map((key) => key.replace(/[0-9a-f]{64}/, "HASH")),
      ["conditional-write", "failed/s99.json", "model-HASH.onnx", "work.json"],
    );
    assert.deepEqual(readdirSync(at("temporary")), []);
  });

  test("looks at the same work again, and takes slides of a folder into results in object storage", async () => {
    const again = await withWorker(RESULTS_AT, SLIDES_AT, () =>
      slide(optionsOf(`${RESULTS_AT}/many`, queued), context),
    );
    assert.deepEqual(
      again.outcomes.map(({ was_done, error }) => was_done || error?.includes(`${SLIDES_AT}/s99.png`)),
      Array(SLIDES + 1).fill(true),
    );
    const root = at("files");
    const options = optionsOf(`${RESULTS_AT}/mixed`, { ...queued, slides: [root], model: "idc", root });
    const mixed = await withWorker(RESULTS_AT, root, () => slide(options, context));
    assert.equal(mixed.summary, `${RESULTS_AT}/mixed/slides.csv`);
    assert.ok(mixed.outcomes.every(({ error, was_done }) => error === null && !was_done));
    assert.deepEqual(readdirSync(at("temporary")), []);
  });

  test("refuses by name what does not go together", async () => {
    const out = `${RESULTS_AT}/refused`;
    const outside = { ...queued, root: `${SLIDES_AT}/day` };
    await assert.rejects(slide(optionsOf(out, outside), context), refused("options-conflict", "lies outside"));
    await assert.rejects(
      slide(optionsOf("s3://lab/elsewhere/x", queued), context),
      refused("options-conflict", "below"),
    );
    await assert.rejects(slide(optionsOf(at("x"), queued), context), refused("options-conflict", "do not lie below"));
    writeFileSync(at("labels.csv"), "x,y\n");
    const labelled = optionsOf(out, { ...queued, labels: at("labels.csv") });
    await assert.rejects(slide(labelled, context), refused("options-conflict", "leave out --labels"));
    const folds = { dataset: at("files"), out: `${RESULTS_AT}/folds`, ...queued };
    await assert.rejects(crossvalidate(folds, context), refused("path-invalid", 'only "slide" writes'));
    for (const place of ["s3://absent-bucket/x", "s3://lab/a/../b"])
      await assert.rejects(
        work({ results: place, root: SLIDES_AT }, context),
        refused(/absent/.test(place) ? "object-missing" : "path-invalid"),
      );
  });

  test("does no folds whose results lie there", async () => {
    const results = await openResults(`${RESULTS_AT}/folds`, context);
    const units = [{ name: "fold-1" }];
    await describeWork(results, { verb: "crossvalidate", facts: {}, details: { dataset: "x" }, units });
    await results.close();
    const row = { verb: "crossvalidate", folder: "folds", unit: "fold-1", version: VERSION };
    await withQueue((queue) => queue.offer([row]));
    const ended = await work({ results: RESULTS_AT, root: SLIDES_AT, untilEmpty: true }, context);
    assert.deepEqual(ended, { done: 0, failed: 1 });
    const [[error]] = (await postgres().query(`select error from ${RESULTS} where folder = 'folds'`)) as [[string]];
    assert.match(error, /^s3:\/\/lab\/results\/folds is in object storage, where only "slide" keeps results/);
  });
});

/** Runs while a worker of this process is at work. */
async function withWorker<T>(results: string, root: string, run: () => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const worker = work({ results, root, threads: 1 }, { reporter: listen().reporter, signal: stop.signal });
  const ended = assert.rejects(worker, /stopped/);
  try {
    return await run();
  } finally {
    stop.abort(new DOMException("stopped", "AbortError"));
    await ended;
  }
}

/** Kills a worker as soon as it has copied a slide to this machine. */
async function killAtSlide({ process: worker, printed }: Running): Promise<void> {
  const isAtSlide = () =>
    readdirSync(at("temporary")).some((name) => name.startsWith(`.cancernet-slide.${worker.pid}-`));
  while (!isAtSlide()) {
    assert.equal(worker.exitCode, null, printed());
    await sleep(5);
  }
  worker.kill("SIGKILL");
}
