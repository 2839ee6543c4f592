import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { DatasetFacts, PatchExplanationFacts, PatchFacts } from "../../../src/app/api/datasets.ts";
import type { DatasetItem } from "../../../src/app/api/items.ts";
import { decodeOrder, type PatchOrder, patchMarks } from "../../../src/app/api/patch_order.ts";
import { createApp } from "../../../src/app/server/app.ts";
import { Journals } from "../../../src/app/server/corrections/journals.ts";
import type { CorrectionsOf } from "../../../src/app/server/datasets/corrections.ts";
import { OpenDatasets } from "../../../src/app/server/datasets/open_datasets.ts";
import { Jobs } from "../../../src/app/server/jobs/jobs.ts";
import { ServerNews } from "../../../src/app/server/news.ts";
import { BrowserSession } from "../../../src/app/server/security/session.ts";
import { WorkersView } from "../../../src/app/server/workers.ts";
import { Workspace } from "../../../src/app/server/workspace/workspace.ts";
import { PREDICTION_COLUMNS, predictionCells } from "../../../src/artifacts/evaluation_folder.ts";
import { type Dataset, openDataset } from "../../../src/histology/dataset/dataset.ts";
import type { Split } from "../../../src/histology/dataset/split_names.ts";
import { SlideTiles } from "../../../src/histology/slide/tiles/slide_tiles.ts";
import { confusionAt } from "../../../src/metrics/tally.ts";
import { toCsv } from "../../../src/util/csv.ts";
import { cohort, prepareQuietly, randomPng } from "../../support/cohort.ts";
import { useFolder, writeTree } from "../../support/folder.ts";

const at = useFolder("studio datasets");
const ORIGIN = "http://127.0.0.1:4000";
const THRESHOLD = 0.6;
let app: ReturnType<typeof createApp>;
let cookie: string;
let dataset: Dataset;
let datasets: OpenDatasets;
let id: string;
let workspace: Workspace;
let corrected: Awaited<ReturnType<CorrectionsOf>> = new Map();
const ended = new AbortController();

before(async () => {
  const files = cohort(6, 20);
  files.set("900/1/second/not a patch.txt", Buffer.from("no picture"));
  files.set("900/0/900_idx5_x9001_y1_class0.png", Buffer.from("damaged"));
  files.set("900/0/900_idx5_x9051_y1_class0.png", randomPng("fine"));
  await writeTree(at("patches"), files);
  await prepareQuietly({ source: at("patches"), out: at("work", "dataset") });
  dataset = await openDataset(at("work", "dataset"));
  evaluate("run/evaluation-val", { split: "val", model: "a".repeat(64) });
  evaluate("run/evaluation-test", { split: "test", model: "a".repeat(64) });
  evaluate("elsewhere", { split: "test", model: "b".repeat(64), shift: 0.3 });
  evaluate("of another", { split: "test", model: "c".repeat(64), sha256: "d".repeat(64) });
  workspace = await Workspace.open(at("work"));
  datasets = new OpenDatasets(workspace, ended.signal);
  const session = new BrowserSession("t".repeat(43), () => 4000);
  cookie = session.cookieFor("t".repeat(43))!.split(";")[0]!;
  const services = {
    workspace,
    jobs: await Jobs.open(workspace, () => {}),
    datasets,
    correctionsOf: async () => corrected,
    journals: new Journals(workspace.root, new ServerNews()),
    workers: new WorkersView(),
    slides: new SlideTiles({ folder: at("overviews") }),
    session,
    news: new ServerNews(),
    author: "tester",
    signal: ended.signal,
  };
  app = createApp(services, { port: () => 4000, page: (_, next) => next(), report: (error) => console.error(error) });
  const { items } = (await json("/items")) as { items: readonly DatasetItem[] };
  id = items.find(({ path }) => path === "dataset")!.id;
});
after(() => {
  dataset.close();
  ended.abort();
});

/** The probability that these tests give a record. */
const probabilityOf = (record: number, shift = 0) => ((record * 37 + 11) % 100) / 100 ** (1 + shift);

/** Writes what "evaluate" writes, with probabilities that a formula gives. */
function evaluate(
  path: string,
  { split, model, shift = 0, sha256 }: { split: Split; model: string; shift?: number; sha256?: string },
): void {
  const records = [...dataset.indicesOf(split)];
  const rows = records.map((record) => dataset.rows[record]!);
  const probabilities = records.map((record) => probabilityOf(record, shift));
  const folder = at("work", path);
  mkdirSync(folder, { recursive: true });
  const cells = rows.map((row, place) => predictionCells(row, probabilities[place]!, THRESHOLD));
  writeFileSync(join(folder, "predictions.csv"), toCsv(PREDICTION_COLUMNS, cells));
  const labels = rows.map(({ label }) => label);
  const { manifest, patches } = dataset.description.sha256;
  const report = {
    split,
    patches: rows.length,
    cases: 1,
    threshold: THRESHOLD,
    confusion: confusionAt(labels, probabilities, THRESHOLD),
    metrics: { auroc: { value: 0.5 } },
    model: { name: path, architecture: "compact", dataset_sha256: manifest },
    model_sha256: model,
    dataset: { folder: "dataset", sha256: sha256 ?? manifest, records_sha256: patches },
    command: `cancernet evaluate --split ${split}`,
  };
  writeFileSync(join(folder, "report.json"), JSON.stringify(report));
}

const request = (path: string, init: RequestInit = {}) =>
  app.request(`${ORIGIN}/api${path}`, {
    ...init,
    headers: { cookie, host: "127.0.0.1:4000", origin: ORIGIN, "content-type": "application/json" },
  });

async function json(path: string): Promise<unknown> {
  const response = await request(path);
  assert.equal(response.status, 200, await response.clone().text());
  return response.json();
}

const factsOf = () => json(`/datasets/${id}`) as Promise<DatasetFacts>;

async function order(query = ""): Promise<PatchOrder> {
  const response = await request(`/datasets/${id}/order${query}`);
  assert.equal(response.status, 200, query);
  return decodeOrder(await response.arrayBuffer());
}

async function refused(path: string, status: number, pattern: RegExp): Promise<void> {
  const response = await request(path);
  assert.equal(response.status, status, path);
  assert.match(((await response.json()) as { message: string }).message, pattern);
}

/** The records of the dataset that a test chooses by itself. */
const recordsWhere = (choose: (record: number) => boolean) => [...dataset.rows.keys()].filter(choose);

const wrongTest = (record: number) =>
  dataset.rows[record]!.split === "test" && probabilityOf(record) >= THRESHOLD !== (dataset.rows[record]!.label === 1);

test("facts: cases with their split and counts, what was left out with examples", async () => {
  const { cases, leftOut, leftOutExamples } = await factsOf();
  assert.deepEqual(
    cases.map((one) => [one.case, one.patches, one.negative, one.positive]),
    [["900", 21, 14, 7], ...["901", "902", "903", "904", "905"].map((name) => [name, 20, 13, 7])],
  );
  for (const { case: name, split } of cases) {
    assert.deepEqual(
      [...new Set(dataset.rows.filter(({ caseId }) => caseId === name).map((row) => row.split))],
      [split],
    );
  }
  assert.deepEqual(leftOut, [
    { words: "not a patch", files: 1 },
    { words: "damaged or unreadable", files: 1 },
  ]);
  assert.deepEqual(leftOutExamples.map(({ path }) => path).sort(), [
    "900/0/900_idx5_x9001_y1_class0.png",
    "900/1/second/not a patch.txt",
  ]);
});

test("the evaluations of one model are one source; those of another dataset are none", async () => {
  const { sources } = await factsOf();
  const counts = dataset.description.counts;
  assert.deepEqual(
    sources.map(({ id: source, splits, patches, commands }) => ({ source, splits, patches, commands })),
    [
      {
        source: "a".repeat(16),
        splits: ["val", "test"],
        patches: counts.val.patches + counts.test.patches,
        commands: ["cancernet evaluate --split val", "cancernet evaluate --split test"],
      },
      {
        source: "b".repeat(16),
        splits: ["test"],
        patches: counts.test.patches,
        commands: ["cancernet evaluate --split test"],
      },
    ],
  );
});

test("filters give exactly the records that pass, with their columns", async () => {
  const all = await order();
  assert.deepEqual([...all.records], [...dataset.rows.keys()]);
  assert.equal(all.total, dataset.rows.length);
  assert.ok(all.probabilities.every(Number.isNaN));
  const run = `run=${"a".repeat(16)}`;
  const { rows } = dataset;
  const cases: readonly (readonly [string, (record: number) => boolean])[] = [
    ["?split=test&label=1", (record) => rows[record]!.split === "test" && rows[record]!.label === 1],
    ["?case=903", (record) => rows[record]!.caseId === "903"],
    [`?${run}&answer=wrong&split=test`, wrongTest],
    [
      `?${run}&above=0.2&to=0.5&split=test`,
      (record) => rows[record]!.split === "test" && probabilityOf(record) > 0.2 && probabilityOf(record) <= 0.5,
    ],
    [`?${run}&from=0.2&to=0.2`, (record) => rows[record]!.split !== "train" && probabilityOf(record) === 0.2],
  ];
  for (const [query, choose] of cases) {
    const expected = recordsWhere(choose);
    assert.deepEqual([...(await order(query)).records], expected, query);
  }
  const wrong = await order(`?${run}&answer=wrong&split=test`);
  assert.ok(wrong.records.length > 0);
  const { cases: names } = await factsOf();
  for (const [place, record] of wrong.records.entries()) {
    const { label, split, isWrong, correction } = patchMarks(wrong.marks[place]!);
    assert.deepEqual([label, split, isWrong, correction], [rows[record]!.label, "test", true, null]);
    assert.equal(wrong.probabilities[place], Math.fround(probabilityOf(record)));
    assert.equal(names[wrong.cases[place]!]!.case, rows[record]!.caseId);
  }
});

test("orders: probability, most confident mistakes, suspected labels; patches without a probability come last", async () => {
  const run = `run=${"a".repeat(16)}`;
  for (const [sort, sign] of [
    ["high", -1],
    ["low", 1],
  ] as const) {
    const { records, probabilities } = await order(`?${run}&sort=${sort}`);
    const known = [...probabilities].filter((value) => !Number.isNaN(value));
    assert.deepEqual(
      known,
      known.toSorted((a, b) => sign * (a - b)),
    );
    assert.ok(probabilities.subarray(known.length).every(Number.isNaN));
    assert.equal(new Set(records).size, dataset.rows.length);
  }
  const mistakes = await order(`?${run}&sort=mistakes&split=test`);
  const wrong = [...mistakes.marks].map((byte) => patchMarks(byte).isWrong);
  assert.equal(wrong.lastIndexOf(true) + 1, wrong.indexOf(false), "all mistakes come first");
  const ofLabel = [...mistakes.records].map((record) =>
    dataset.rows[record]!.label === 1 ? probabilityOf(record) : 1 - probabilityOf(record),
  );
  const first = ofLabel.slice(0, wrong.indexOf(false));
  assert.deepEqual(
    first,
    first.toSorted((a, b) => a - b),
  );
  const suspected = await order(`?${run}&sort=suspected`);
  const marks = [...suspected.marks].map(patchMarks);
  const count = marks.findIndex(({ isSuspected }) => !isSuspected);
  assert.ok(count > 0 && marks.slice(count).every(({ isSuspected }) => !isSuspected));
  assert.ok(marks.every(({ isSuspected, split }) => !isSuspected || split !== "train"));
});

test("corrections of the provider are shown and filtered", async () => {
  const said = { note: null, labelled: null, noted: null };
  corrected = new Map([
    [3, { ...said, label: "positive" }],
    [5, { ...said, label: "exclude", note: "folded" }],
    [6, { ...said, label: null, note: "a question" }],
  ]);
  const { records, marks } = await order("?corrected=yes");
  assert.deepEqual([...records], [3, 5]);
  assert.deepEqual(
    [...marks].map(patchMarks).map(({ correction, hasNote }) => [correction, hasNote]),
    [
      ["positive", false],
      ["exclude", true],
    ],
  );
  assert.equal((await order("?corrected=no")).records.length, dataset.rows.length - 2);
  assert.deepEqual(((await json(`/datasets/${id}/patches/5`)) as PatchFacts).correction, {
    label: "exclude",
    note: "folded",
  });
  corrected = new Map();
});

test("pixels are the records' bytes in the order of the request; colours are their averages", async () => {
  const records = [7, 0, 119];
  const response = await request(`/datasets/${id}/pixels?records=${records}`);
  const expected = new Uint8Array(3 * dataset.recordBytes);
  for (const [place, record] of records.entries()) dataset.read(record, expected, place * dataset.recordBytes);
  assert.deepEqual(new Uint8Array(await response.arrayBuffer()), expected);
  const colours = new Uint8Array(await (await request(`/datasets/${id}/colours`)).arrayBuffer());
  assert.equal(colours.length, 3 * dataset.rows.length);
  // Noise from 0 to 255 has an average near 127.5; 49 of its values differ from it by 10.5 on average.
  assert.ok(colours.every((value) => value > 60 && value < 195));
});

test("a patch has its neighbours at their places and the answer of every source", async () => {
  const record = dataset.indicesOf("test")[6]!;
  const row = dataset.rows[record]!;
  const patch = (await json(`/datasets/${id}/patches/${record}`)) as PatchFacts;
  assert.deepEqual([patch.name, patch.case, patch.label, patch.split], [row.id, row.caseId, row.label, "test"]);
  const near = recordsWhere((other) => {
    const { caseId, x, y } = dataset.rows[other]!;
    return other !== record && caseId === row.caseId && Math.max(Math.abs(x! - row.x!), Math.abs(y! - row.y!)) <= 150;
  });
  assert.deepEqual(
    patch.neighbours.map(({ record: other, right, down }) => [other, right, down]),
    near.map((other) => [other, dataset.rows[other]!.x! - row.x!, dataset.rows[other]!.y! - row.y!]),
  );
  const probability = probabilityOf(record);
  assert.deepEqual(patch.answers[0], {
    source: "a".repeat(16),
    probability,
    predicted: probability >= THRESHOLD ? 1 : 0,
  });
  assert.equal(patch.answers[1]!.probability, probabilityOf(record, 0.3));
});

test("what is wrong is refused in a sentence", async () => {
  await refused("/datasets/nothing/order", 404, /There is no dataset of that id/);
  await refused(`/datasets/${id}/order?sort=mistakes`, 400, /choose one/);
  await refused(`/datasets/${id}/order?run=unknown`, 404, /no evaluation of this dataset/);
  await refused(`/datasets/${id}/order?case=x`, 400, /no case "x"/);
  await refused(`/datasets/${id}/order?sort=upwards`, 400, /sort/);
  await refused(`/datasets/${id}/pixels?records=0,121`, 404, /no record 121/);
  await refused(`/datasets/${id}/pixels?records=${new Array(513).fill(0)}`, 400, /512/);
  await refused(`/datasets/${id}/pixels?records=../etc`, 400, /record indices/);
  await refused(`/datasets/${id}/patches/-1`, 404, /no such patch/);
  await refused("/explanations/..%2F..%2Fx/picture", 404, /no such explanation/);
});

test("an explanation needs the very model of the probabilities", async () => {
  const response = await request(`/datasets/${id}/patches/0/explanation`, {
    method: "POST",
    body: JSON.stringify({ source: "a".repeat(16) }),
  });
  const facts = (await response.json()) as PatchExplanationFacts | { message: string };
  assert.equal(response.status, 400);
  assert.match((facts as { message: string }).message, /is not in the studio's folder, or has changed since/);
});

test("predictions that do not belong to the report are refused by name; the patch shows it", async () => {
  const place = at("work", "elsewhere", "predictions.csv");
  const text = readFileSync(place, "utf8");
  rmSync(at("work", "elsewhere"), { recursive: true });
  evaluate("damaged", { split: "test", model: "e".repeat(64) });
  writeFileSync(at("work", "damaged", "predictions.csv"), text.replace(/,0\n/, ",1\n"));
  const run = "e".repeat(16);
  workspace.forget();
  await refused(`/datasets/${id}/order?run=${run}`, 400, /damaged\/predictions.csv does not belong to/);
  const { answers } = (await json(`/datasets/${id}/patches/0`)) as PatchFacts;
  assert.match(answers.find(({ source }) => source === run)!.problem!, /does not belong/);
});

test("a dataset that was prepared again is opened again; only one of it stays open", async () => {
  rmSync(at("work", "dataset"), { recursive: true });
  await prepareQuietly({ source: at("patches"), out: at("work", "dataset"), seed: 2 });
  rmSync(at("patches", "901"), { recursive: true });
  workspace.forget();
  assert.equal((await order()).total, 121);
  rmSync(at("work", "dataset"), { recursive: true });
  await prepareQuietly({ source: at("patches"), out: at("work", "dataset") });
  workspace.forget();
  assert.equal((await order()).total, 101);
  assert.deepEqual((await factsOf()).sources, [], "no evaluation is of this dataset");
  assert.equal(datasets.size, 1);
});
