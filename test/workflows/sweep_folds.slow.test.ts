/** Sweeps with folds: each setting and seed is an ordinary cross-validation, and the folds of a seed are shared. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { METRIC_NAMES } from "../../src/metrics/table.ts";
import type { SweepReport } from "../../src/reports/sweep/report.ts";
import { crossvalidate } from "../../src/workflows/crossvalidate.ts";
import { gather } from "../../src/workflows/gather.ts";
import { sweep } from "../../src/workflows/sweep.ts";
import { context, drawDataset } from "../support/cohort.ts";
import { jsonOf, readTree, useFolder } from "../support/folder.ts";
import { commandProcess, signalAtPatch } from "./resume_fixture.ts";

const SHORT = { model: "compact", epochs: 1, batchSize: 12, views: 1, statistics: "running" } as const;
const ROWS = [
  { name: "slow", ...SHORT, learningRate: 0.0005 },
  { name: "fast", ...SHORT, learningRate: 0.004 },
];
const LOCK = ".units/sweep.lock";

const at = useFolder("sweep folds");
let report: SweepReport;
let expected: Map<string, Buffer>;
before(async () => {
  await drawDataset(at, { cases: 9, patchesPerCase: 8 });
  writeFileSync(at("settings.json"), JSON.stringify(ROWS));
  report = (await sweep({ ...given(), out: at("rows"), threads: 1 }, context)).report;
  expected = await readTree(at("rows"));
});
const given = () => ({ dataset: at("dataset"), table: at("settings.json"), seeds: "1,2", folds: 3 });

test("the numbers are those of the cross-validations, and the folds of a seed are the same for all settings", () => {
  const { rows, differences, settings } = report;
  for (const row of rows) {
    const own = jsonOf(at("rows", row.folder, "report.json"));
    for (const name of METRIC_NAMES) assert.equal(row.metrics![name], own.metrics[name].value, name);
    assert.ok(Math.abs(row.metrics!.auroc_over_cases! - own.macro.auroc.value) < 1e-12);
  }
  const [difference] = differences as [SweepReport["differences"][number]];
  for (const name of [...METRIC_NAMES, "auroc_over_cases"] as const) {
    const gaps = [0, 1].flatMap((seed) => {
      const [slow, fast] = [rows[seed]!.metrics![name], rows[seed + 2]!.metrics![name]];
      return typeof slow === "number" && typeof fast === "number" ? [fast - slow] : [];
    });
    const { value, seeds } = difference.metrics[name]!;
    assert.equal(seeds, gaps.length, name);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    if (gaps.length > 0) assert.ok(Math.abs(value! - mean) < 1e-12, name);
  }
  const { auroc_over_cases } = difference.metrics;
  assert.ok(auroc_over_cases!.low !== null && auroc_over_cases!.degrees! >= 1);
  assert.equal(settings[0]!.metrics.auroc_over_cases!.seeds, 2);
  assert.deepEqual([report.folds, report.cases], [3, 9]);
  const folds = (name: string) => jsonOf(at("rows", name, "crossvalidation.json")).folds;
  assert.deepEqual(folds("slow-s1"), folds("fast-s1"));
  assert.notDeepEqual(folds("slow-s1"), folds("slow-s2"));
});

test("the folders are those of crossvalidate: the same files, and it finds them done", async () => {
  const out = at("alone");
  const options = { dataset: at("dataset"), out, folds: 3, seed: 2, ...SHORT, learningRate: 0.004, threads: 1 };
  await crossvalidate(options, context);
  for (const file of ["predictions.csv", "fold-3/run/model.onnx", "fold-1/run/evaluation-test/report.json"]) {
    assert.ok(readFileSync(join(out, file)).equals(expected.get(`fast-s2/${file}`)!), file);
  }
  const [own, alone] = [at("rows", "fast-s2"), out].map((folder) => jsonOf(join(folder, "report.json")));
  // The folder lies one level deeper, and so the path to the dataset is longer.
  const withoutPlace = (report: typeof own) => ({ ...report, command: "", dataset: { ...report.dataset, folder: "" } });
  assert.deepEqual(withoutPlace(own), withoutPlace(alone));
  const { report: again } = await crossvalidate({ resume: at("rows", "fast-s2") }, context);
  assert.deepEqual(again, own);
});

const skip = process.platform === "win32" && "Windows knows no signals";

test("shards of folds, one of which was killed, give the same bytes", { skip }, async () => {
  const out = at("shards");
  const shard = (number: number) => {
    const words = ["sweep", at("dataset"), at("settings.json"), "--out", out, "--seeds", "1,2", "--folds", "3"];
    return [...words, "--threads", "1", "--shard", `${number}/2`];
  };
  const killed = await commandProcess(shard(2), { preload: signalAtPatch(40, ["SIGKILL"]) });
  assert.equal(killed.killedBy, "SIGKILL", killed.stderr);
  const ended = await Promise.all([1, 2].map((number) => commandProcess(shard(number))));
  for (const { code, stderr } of ended) assert.equal(code, 0, stderr);
  await gather({ folder: out }, context);
  const found = await readTree(out);
  const names = (tree: Map<string, Buffer>) => [...tree.keys()].filter((name) => name !== LOCK).sort();
  assert.deepEqual(names(found), names(expected));
  for (const name of names(found)) {
    const [own, wanted] = [found, expected].map((tree) => tree.get(name)!);
    // The command in the summary names the folder that was given.
    if (/^(\.units\/work\.json|sweep\.json|index\.html)$/.test(name)) {
      assert.equal(own!.toString().replaceAll("shards", "rows"), wanted!.toString(), name);
    } else assert.ok(own!.equals(wanted!), `${name} differs`);
    if (/\.(json|html|csv)$/.test(name)) assert.ok(!own!.includes(at()), `${name} names a folder of this machine`);
  }
});

test("a missing fold is named, and the other rows are in the summary", async () => {
  rmSync(at("rows", "fast-s2", "fold-2"), { recursive: true });
  const { result } = await gather({ folder: at("rows") }, context);
  assert.deepEqual(result.unfinished, ["fast-s2/fold-2"]);
  const found: SweepReport = jsonOf(at("rows", "sweep.json"));
  assert.deepEqual(
    found.rows.map(({ status }) => status),
    ["done", "done", "done", "unfinished"],
  );
  assert.deepEqual(found.differences[0]!.seeds, [1]);
  assert.ok(readdirSync(at("rows")).includes("index.html"));
  const { report: again } = await sweep({ ...given(), out: at("rows") }, context);
  assert.deepEqual(again, report);
});
