/** Sweeps without folds: the summary's numbers, and the same bytes from shards, kills, Ctrl-C and workers elsewhere. */
import assert from "node:assert/strict";
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { METRIC_NAMES } from "../../src/metrics/table.ts";
import type { SweepReport } from "../../src/reports/sweep/report.ts";
import { readWork } from "../../src/units/description.ts";
import { folderResults } from "../../src/units/folder_results.ts";
import { runUnits } from "../../src/units/run.ts";
import { fromCsv } from "../../src/util/csv.ts";
import type { JobEvent } from "../../src/util/reporter.ts";
import { type Comparison, compare } from "../../src/workflows/compare.ts";
import { gather } from "../../src/workflows/gather.ts";
import { sweep } from "../../src/workflows/sweep.ts";
import { train } from "../../src/workflows/train.ts";
import { WORKS } from "../../src/workflows/works.ts";
import { context, drawDataset } from "../support/cohort.ts";
import { assertSameTree, jsonOf, readTree, useFolder } from "../support/folder.ts";
import { refused } from "../support/refused.ts";
import { commandProcess, signalAtPatch } from "./resume_fixture.ts";

const SHORT = { model: "compact", epochs: 2, batchSize: 12, views: 1, statistics: "running" } as const;
const ROWS = [
  { name: "slow", ...SHORT, learningRate: 0.0005 },
  { name: "fast", ...SHORT, learningRate: 0.004 },
];
const SEEDS = "1,2,3";
/** Empty, and made only if one process does all rows. */
const LOCK = ".units/sweep.lock";

let expected: Map<string, Buffer>;
let report: SweepReport;
const at = useFolder("sweep");
before(async () => {
  await drawDataset(at, { cases: 24, patchesPerCase: 6 });
  report = (await sweep({ ...place("one process"), seeds: SEEDS, threads: 1 }, context)).report;
  expected = await readTree(at("one process", "rows"));
});

/** A folder with a copy of the dataset and a table, and the place of a sweep in it. */
function place(name: string, rows: readonly object[] = ROWS) {
  cpSync(at("dataset"), at(name, "dataset"), { recursive: true });
  writeFileSync(at(name, "settings.json"), JSON.stringify(rows));
  return { dataset: at(name, "dataset"), table: at(name, "settings.json"), out: at(name, "rows") };
}

const words = ({ dataset, table, out }: ReturnType<typeof place>, ...more: string[]) => [
  "sweep",
  dataset,
  table,
  "--out",
  out,
  "--seeds",
  SEEDS,
  ...more,
];

test("the folder names no place of this machine, and holds neither locks nor checkpoints of rows", () => {
  assert.deepEqual(
    [...expected.keys()].filter((name) => /lock|checkpoint|partial|tmp/.test(name)),
    [LOCK],
  );
  for (const [name, bytes] of expected) {
    if (!/\.(json|html|csv|txt)$/.test(name)) continue;
    assert.ok(!bytes.includes("parts"), `${name} names an attempt`);
    assert.ok(!bytes.includes(at()), `${name} names a folder of this machine`);
  }
  const own = jsonOf(at("one process", "rows", "fast-s2", "evaluation-test", "report.json"));
  assert.match(own.command, /^cancernet evaluate fast-s2 --dataset dataset /);
  assert.equal(own.dataset.folder, "dataset");
});

test("a row is an ordinary run: the bytes of train, and every command finds its dataset", async () => {
  const rows = at("one process", "rows");
  const out = at("one process", "alone");
  await train({ dataset: at("one process", "dataset"), out, ...SHORT, learningRate: 0.004, seed: 2 }, context);
  for (const file of ["model.onnx", "last.onnx", "history.csv", "plot.png"]) {
    assert.ok(readFileSync(join(out, file)).equals(readFileSync(join(rows, "fast-s2", file))), file);
  }
  const { code, stderr } = await commandProcess(["evaluate", join(rows, "fast-s2"), "--out", at("one process", "e")]);
  assert.equal(code, 0, stderr);
  const [again, first] = [at("one process", "e"), join(rows, "fast-s2", "evaluation-test")].map((folder) =>
    readFileSync(join(folder, "predictions.csv")),
  );
  assert.ok(again!.equals(first!));
});

test("the differences are the means of those that compare gives for each seed", async () => {
  const { differences, settings, rows, baseline } = report;
  assert.deepEqual([baseline, differences.length, rows.length], ["slow", 1, 6]);
  const [difference] = differences as [SweepReport["differences"][number]];
  assert.deepEqual([difference.setting, difference.minus, difference.seeds], ["fast", "slow", [1, 2, 3]]);
  const run = (name: string) => at("one process", "rows", name);
  const compared: Comparison[] = [];
  for (const seed of [1, 2, 3]) {
    const runs = [run(`slow-s${seed}`), run(`fast-s${seed}`)];
    compared.push(await compare({ runs }, context));
  }
  for (const name of METRIC_NAMES) {
    const gaps = compared.flatMap(({ differences: [one] }) => one!.metrics[name].value ?? []);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const { value, low, high, seeds } = difference.metrics[name];
    assert.equal(seeds, gaps.length, name);
    if (gaps.length === 0) assert.equal(value, null);
    else assert.ok(Math.abs(value! - mean) < 1e-12, name);
    assert.ok(low === null || (low <= value! && value! <= high!), name);
    for (const [place, setting] of settings.entries()) {
      const own = compared.flatMap(({ runs }) => runs[place]!.metrics[name].value ?? []);
      const middle = own.reduce((sum, one) => sum + one, 0) / own.length;
      const { mean: found, standard_deviation } = setting.metrics[name];
      if (own.length > 0) assert.ok(Math.abs(found! - middle) < 1e-12, name);
      if (own.length < 2) continue;
      const squares = own.reduce((sum, one) => sum + (one - middle) ** 2, 0);
      assert.ok(Math.abs(standard_deviation! - Math.sqrt(squares / (own.length - 1))) < 1e-12, name);
    }
  }
  const { low, high } = difference.metrics.auroc;
  assert.ok(low !== null && high !== null);
});

test("sweep.csv and the page have the numbers of sweep.json", () => {
  const [table, page] = ["sweep.csv", "index.html"].map((name) => expected.get(name)!.toString());
  const rows = fromCsv(table!, ["row", "setting", "seed", "auroc", "auroc_sd", "auroc_difference", "auroc_low"], "t");
  assert.deepEqual(
    rows.map(({ row, setting, seed }) => `${row} ${setting} ${seed}`),
    [
      ...["slow", "fast"].flatMap((name) => [1, 2, 3].map((seed) => `seed ${name} ${seed}`)),
      "setting slow ",
      "setting fast ",
    ],
  );
  const last = rows.at(-1)!;
  const { metrics } = report.settings[1]!;
  assert.deepEqual([last.auroc, last.auroc_sd, last.auroc_difference, last.auroc_low].map(Number), [
    metrics.auroc.mean,
    metrics.auroc.standard_deviation,
    report.differences[0]!.metrics.auroc.value,
    report.differences[0]!.metrics.auroc.low,
  ]);
  assert.deepEqual(jsonOf(at("one process", "rows", "sweep.json")), report);
  assert.match(page!, /Research use only/);
  assert.match(page!, /An interval covers other cases from this source and other seeds\./);
  assert.match(page!, /<a href="fast-s3\/evaluation-test\/report\.html">fast-s3<\/a>/);
});

test("shards that start at the same time, and a gather without the dataset, give the same bytes", async () => {
  const given = place("shards");
  const shard = (number: number) => commandProcess(words(given, "--threads", "1", "--shard", `${number}/2`));
  for (const { code, stdout, stderr } of await Promise.all([1, 2].map(shard))) {
    assert.equal(code, 0, stderr);
    assert.match(stdout, /Shard \d\/2 is done: 3 trainings\. After all/);
  }
  assert.ok(!existsSync(join(given.out, "sweep.json")));
  renameSync(given.dataset, at("the dataset is elsewhere"));
  const gathered = await commandProcess(["gather", given.out]);
  assert.equal(gathered.code, 0, gathered.stderr);
  assert.match(gathered.stdout, /minus slow +seeds +AUROC/);
  await assertSameTree(given.out, expected, [LOCK]);
});

const skip = process.platform === "win32" && "Windows knows no signals";

test("killed and stopped in rows and between them, with other threads, it ends with the same bytes", {
  skip,
}, async () => {
  const given = place("kills");
  let more = ["--threads", "1"];
  for (const [count, name] of [
    [1, "SIGKILL"],
    [30, "SIGINT"],
    [100, "SIGKILL"],
    [200, "SIGINT"],
  ] as const) {
    const ended = await commandProcess(words(given, ...more), { preload: signalAtPatch(count, [name]) });
    assert.deepEqual([ended.killedBy, ended.code], name === "SIGKILL" ? [name, null] : [null, 130], ended.stderr);
    if (name === "SIGINT") assert.match(ended.stdout, /Resume with the same command: .* from its last checkpoint\./);
    more = ["--threads", "2", "--checkpoint-every", "1"];
  }
  const ended = await commandProcess(words(given, ...more));
  assert.equal(ended.code, 0, ended.stderr);
  await assertSameTree(given.out, expected, [LOCK]);
  const again = await commandProcess(words(given));
  assert.match(again.stdout, /Row 6\/6: fast with seed 3 was done before\./);
});

test("an interrupted row goes on from its checkpoint: no epoch is trained twice; events carry the row", async () => {
  const given = { ...place("checkpoint"), seeds: SEEDS };
  const stop = new AbortController();
  const epochs: string[] = [];
  const rows: string[] = [];
  const reporter = {
    ...context.reporter,
    event(event: JobEvent) {
      if (event.event === "row")
        rows.push(`${event.number}/${event.of} ${event.setting} ${event.seed} ${event.status}`);
      if (event.event !== "epoch") return;
      epochs.push(`${event.row!.number}/${event.row!.of}: ${event.epoch}`);
      if (epochs.length === 3) stop.abort(new Error("stopped"));
    },
  };
  await assert.rejects(sweep({ ...given, threads: 1 }, { reporter, signal: stop.signal }), /stopped/);
  assert.deepEqual(rows, ["1/6 slow 1 started", "1/6 slow 1 done", "2/6 slow 2 started"]);
  await sweep(given, { ...context, reporter });
  assert.deepEqual(
    epochs,
    [1, 2, 3, 4, 5, 6].flatMap((row) => [`${row}/6: 1`, `${row}/6: 2`]),
  );
  await assertSameTree(given.out, expected, [LOCK]);
});

test("a worker with another root finds the dataset there, by its hashes", async () => {
  const given = place("workers");
  await sweep({ ...given, seeds: SEEDS, threads: 1, shard: "1/6", root: at("workers") }, context);
  cpSync(given.dataset, at("another root", "dataset"), { recursive: true });
  rmSync(given.dataset, { recursive: true });
  const { out: folder } = given;
  const description = (await readWork(folderResults(folder)))!;
  const open = (root: string) =>
    WORKS.sweep.open(description, { results: folderResults(folder), root, threads: 2 }, context);
  await assert.rejects(open(at("workers")), refused("file-missing", "no dataset dataset in"));
  const work = await open(at("another root"));
  try {
    await runUnits(work, {}, context, ({ name }, { error, wasDone }) => {
      assert.equal(error, undefined);
      assert.equal(wasDone, name === "slow-s1", name);
    });
    for (const unit of work.units) assert.ok(await work.read(unit, context), unit.name);
  } finally {
    await work.close();
  }
  await gather({ folder }, context);
  await assertSameTree(folder, expected, [LOCK, ".units/work.json"]);
});

test("the order of rows changes no number, and another baseline flips the sign", async () => {
  const given = place("order", [...ROWS].reverse());
  cpSync(at("one process", "rows"), given.out, { recursive: true });
  rmSync(join(given.out, ".units"), { recursive: true });
  for (const name of ["sweep.json", "sweep.csv", "index.html"]) rmSync(join(given.out, name));
  // The rows are there already, so that nothing is trained.
  await assert.rejects(sweep({ ...given, seeds: SEEDS }, context), refused("output-exists", "not empty"));
  const { out } = place("one process", [...ROWS].reverse());
  const turned = (await sweep({ ...given, out, seeds: SEEDS, baseline: "slow" }, context)).report;
  assert.deepEqual(turned.differences, report.differences);
  const flipped = (await sweep({ ...given, out, seeds: SEEDS, baseline: "fast" }, context)).report;
  assert.deepEqual(flipped.differences[0]!.setting, "slow");
  for (const name of METRIC_NAMES) {
    const [there, back] = [report, flipped].map(({ differences: [one] }) => one!.metrics[name]);
    if (there!.value === null) continue;
    assert.equal(back!.value, 0 - there!.value, name);
    if (there!.low !== null) assert.deepEqual([back!.low, back!.high], [0 - there!.high!, 0 - there!.low], name);
  }
});

test("more rows and seeds may be added; changed and removed ones are refused", async () => {
  const given = place("more");
  cpSync(at("one process", "rows"), given.out, { recursive: true });
  const table = (rows: readonly object[]) => writeFileSync(given.table, JSON.stringify(rows));
  const run = (seeds = SEEDS) => sweep({ ...given, seeds }, context);
  table([ROWS[0]!, { ...ROWS[1]!, epochs: 1 }]);
  await assert.rejects(
    run(),
    refused("run-mismatch", /setting "fast" .* begun with epochs 2, and is now given with 1/),
  );
  table([ROWS[0]!]);
  await assert.rejects(run(), refused("output-mismatch", /holds fast-s1, which is not among/));
  table(ROWS);
  await assert.rejects(run("1,2"), refused("output-mismatch", /holds slow-s3/));
  await assert.rejects(sweep({ ...given, seeds: SEEDS, folds: 3 }, context), refused("output-mismatch", /folds/));
  table([...ROWS, { ...ROWS[0]!, name: "same" }]);
  const { differences } = (await run()).report;
  assert.deepEqual(differences[0], report.differences[0]);
  for (const name of METRIC_NAMES) {
    const { value, low, high } = differences[1]!.metrics[name];
    if (value !== null) assert.deepEqual([value, low, high], [0, null, null], name);
  }
  assert.equal(differences[1]!.metrics.auroc.value, 0);
});

test("a training that fails is listed with its sentence; the others go on, and the exit code is 2", async () => {
  const wild = { name: "wild", ...SHORT, optimizer: "sgd", learningRate: 100, batchSize: 2, epochs: 3 };
  const given = place("failures", [wild, ROWS[0]!]);
  const { code, stdout, stderr } = await commandProcess(["sweep", given.dataset, given.table, "--out", given.out]);
  assert.equal(code, 2, stderr);
  assert.match(stdout, /Row 1\/2: wild with seed 42 failed: .*\./);
  assert.match(stderr, /1 of 2 trainings failed, as said above.*the others are done\.$/m);
  assert.match(stdout, /^Failed: wild with seed 42: /m);
  const found: SweepReport = jsonOf(join(given.out, "sweep.json"));
  assert.deepEqual(
    found.rows.map(({ status }) => status),
    ["failed", "done"],
  );
  assert.match(found.rows[0]!.error!, /\.$/);
  assert.ok(!found.rows[0]!.error!.includes(at()), found.rows[0]!.error!);
  assert.deepEqual(readdirSync(given.out).sort(), [".units", "index.html", "slow-s42", "sweep.csv", "sweep.json"]);
  assert.match(readFileSync(join(given.out, "index.html"), "utf8"), /1 training failed\./);
  const gathered = await commandProcess(["gather", given.out]);
  assert.equal(gathered.code, 2);
});

test("with one seed the interval is that of compare, and the page says that it covers cases only", async () => {
  const given = place("one seed");
  const result = await sweep({ ...given, seeds: "2", baseline: "fast" }, context);
  const runs = [join(given.out, "fast-s2"), join(given.out, "slow-s2")];
  const { differences } = await compare({ runs }, context);
  for (const name of METRIC_NAMES) {
    const [own, wanted] = [result.report.differences[0]!.metrics[name], differences[0]!.metrics[name]];
    for (const key of ["value", "low", "high"] as const) {
      if (wanted[key] === null) assert.equal(own[key], null, name);
      else assert.ok(Math.abs(own[key]! - wanted[key]) < 1e-12, `${name} ${key}`);
    }
  }
  assert.match(readFileSync(result.page, "utf8"), /With one seed an interval covers other cases only\./);
});

test("a row is not taken for done by its name alone", async () => {
  const folder = at("damaged");
  cpSync(at("one process"), folder, { recursive: true });
  writeFileSync(join(folder, "settings.json"), JSON.stringify(ROWS));
  const given = { dataset: join(folder, "dataset"), table: join(folder, "settings.json"), out: join(folder, "rows") };
  const rows = join(folder, "rows");
  const run = () => sweep({ ...given, seeds: SEEDS }, context);
  rmSync(join(rows, "fast-s2"), { recursive: true });
  cpSync(join(rows, "fast-s1"), join(rows, "fast-s2"), { recursive: true });
  await assert.rejects(run(), refused("output-mismatch", /fast-s2 is not a finished row .*its seed is 1.*remove this/));
  rmSync(join(rows, "fast-s2"), { recursive: true });
  cpSync(at("one process", "rows", "fast-s2"), join(rows, "fast-s2"), { recursive: true });
  cpSync(join(rows, "fast-s1", "model.onnx"), join(rows, "fast-s2", "model.onnx"));
  await assert.rejects(run(), refused("output-mismatch", /fast-s2 .*evaluation is of another model/));
  rmSync(join(rows, "fast-s2"), { recursive: true });
  await run();
  assert.ok(expected.get("fast-s2/model.onnx")!.equals(readFileSync(join(rows, "fast-s2", "model.onnx"))));
});

test("what is wrong is refused before anything is trained", async () => {
  const given = place("refusals");
  const run = (more: object) => sweep({ ...given, ...more }, context);
  await assert.rejects(
    run({ baseline: "none" }),
    refused("option-invalid", /"none", which is no setting of .*slow, fast/),
  );
  await assert.rejects(run({ seeds: "1,1" }), refused("option-invalid", "seed 1 is given twice"));
  writeFileSync(given.table, JSON.stringify({ seeds: [1], settings: ROWS }));
  await assert.rejects(run({ seeds: "2" }), refused("options-conflict", "--seeds is 2, but the table has the seeds 1"));
  writeFileSync(given.table, JSON.stringify([ROWS[0]!, { name: "odd", fillValue: 3 }]));
  await assert.rejects(run({}), refused("options-conflict", /row 2 \("odd"\): --fill-value goes with/));
  writeFileSync(given.table, JSON.stringify([{ name: "odd", engine: "graph", model: "cancernet", epochs: 0 }]));
  await assert.rejects(run({}), refused("sweep-table-invalid", /column epochs/));
  await assert.rejects(run({ folds: 500 }), refused("sweep-table-invalid"));
  writeFileSync(given.table, JSON.stringify(ROWS));
  await assert.rejects(run({ folds: 500 }), refused("folds-too-many", "500 folds"));
  assert.ok(!existsSync(given.out));
});
