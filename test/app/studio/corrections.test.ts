/** The routes of corrections without a socket: entries, undo and redo across restarts, two tabs, the queue. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { appendFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { Hono } from "hono";
import type {
  CorrectionBody,
  CorrectionsState,
  CorrectionsSummary,
  QueuePage,
  SavedCorrection,
} from "../../../src/app/api/corrections.ts";
import { correctionsIn } from "../../../src/app/server/corrections/corrected_patches.ts";
import { Journals } from "../../../src/app/server/corrections/journals.ts";
import { OpenDatasets } from "../../../src/app/server/datasets/open_datasets.ts";
import { Jobs } from "../../../src/app/server/jobs/jobs.ts";
import { ServerNews } from "../../../src/app/server/news.ts";
import { answerTo } from "../../../src/app/server/refusals.ts";
import { correctionRoutes } from "../../../src/app/server/routes/corrections.ts";
import { BrowserSession } from "../../../src/app/server/security/session.ts";
import type { Services } from "../../../src/app/server/services.ts";
import { WorkersView } from "../../../src/app/server/workers.ts";
import { Workspace } from "../../../src/app/server/workspace/workspace.ts";
import { readJournal } from "../../../src/artifacts/corrections/read.ts";
import { PREDICTION_COLUMNS, predictionCells } from "../../../src/artifacts/evaluation_folder.ts";
import { type Dataset, openDataset } from "../../../src/histology/dataset/dataset.ts";
import { SlideTiles } from "../../../src/histology/slide/tiles/slide_tiles.ts";
import { confusionAt } from "../../../src/metrics/tally.ts";
import { toCsv } from "../../../src/util/csv.ts";
import { cohort, prepareQuietly } from "../../support/cohort.ts";
import { useFolder, writeTree } from "../../support/folder.ts";

const at = useFolder("studio corrections");
const THRESHOLD = 0.5;
const ended = new AbortController();
const published: { dataset: string; entries: number }[] = [];
let dataset: Dataset;
let services: Services;
let id: string;

before(async () => {
  await writeTree(at("patches"), cohort(10, 40));
  await prepareQuietly({ source: at("patches"), out: at("work", "dataset") });
  dataset = await openDataset(at("work", "dataset"));
  await writeTree(at("work", "evaluation"), evaluation());
  const workspace = await Workspace.open(at("work"));
  const news = new ServerNews();
  news.listen((name, data) => name === "corrections" && published.push(data as (typeof published)[number]));
  const journals = new Journals(workspace.root, news);
  services = {
    workspace,
    jobs: await Jobs.open(workspace, () => {}),
    datasets: new OpenDatasets(workspace, ended.signal),
    correctionsOf: correctionsIn(journals),
    journals,
    slides: new SlideTiles({ folder: at("overviews") }),
    workers: new WorkersView(),
    session: new BrowserSession("t".repeat(43), () => 4000),
    news,
    author: "a reader",
    signal: ended.signal,
  };
  id = (await workspace.items()).find(({ kind }) => kind === "dataset")!.id;
});
after(async () => {
  await services.journals.close();
  await services.slides.close();
  services.jobs.close();
  dataset.close();
  ended.abort();
});

/** An evaluation of all test patches, as "evaluate" writes it. */
function evaluation(): [string, Buffer][] {
  const rows = [...dataset.indicesOf("test")].map((record) => dataset.rows[record]!);
  const probabilities = rows.map((_, place) => ((place * 37 + 11) % 100) / 100);
  const { manifest, patches } = dataset.description.sha256;
  const labels = rows.map(({ label }) => label);
  const report = {
    split: "test",
    patches: rows.length,
    cases: 1,
    threshold: THRESHOLD,
    confusion: confusionAt(labels, probabilities, THRESHOLD),
    metrics: { auroc: { value: 0.5 } },
    model: { name: "model", architecture: "compact", dataset_sha256: manifest },
    model_sha256: "a".repeat(64),
    dataset: { folder: "../dataset", sha256: manifest, records_sha256: patches },
    command: "cancernet evaluate model",
  };
  const cells = rows.map((row, place) => predictionCells(row, probabilities[place]!, THRESHOLD));
  return [
    ["report.json", Buffer.from(JSON.stringify(report))],
    ["predictions.csv", Buffer.from(toCsv(PREDICTION_COLUMNS, cells))],
  ];
}

const RUN = "a".repeat(16);

function ask(path: string, body?: unknown, own = services) {
  const app = new Hono()
    .route("/api", correctionRoutes(own))
    .onError((error) => answerTo(error, { root: "/", report: (bug) => assert.fail(String(bug)) }));
  const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  return app.request(`/api/datasets/${id}${path}`, init);
}

async function json<T>(path: string, own = services): Promise<T> {
  const answer = await ask(path, undefined, own);
  assert.equal(answer.status, 200, await answer.clone().text());
  return (await answer.json()) as T;
}

type Draft = CorrectionBody extends infer B
  ? B extends CorrectionBody
    ? Omit<B, "id"> & { id?: string }
    : never
  : never;

async function save(body: Draft, own = services): Promise<SavedCorrection> {
  const answer = await ask("/corrections", { id: randomUUID(), ...body }, own);
  assert.equal(answer.status, 201, await answer.clone().text());
  return (await answer.json()) as SavedCorrection;
}

async function refusedWith(body: object, status: number, words: RegExp): Promise<void> {
  const answer = await ask("/corrections", body);
  assert.equal(answer.status, status);
  assert.match(((await answer.json()) as { message: string }).message, words);
}

/** The labels that are in effect, by record. */
async function labels(own = services): Promise<Record<number, string | null>> {
  const { patches } = await json<CorrectionsState>("/corrections", own);
  return Object.fromEntries(patches.records.map((record, place) => [record, patches.labels[place]!]));
}

test("reading makes no journal; an entry is in it with author and time, and is published", async () => {
  const state = await json<CorrectionsState>("/corrections");
  assert.deepEqual([state.entries, state.undo, state.patches.records], [0, null, []]);
  assert.ok(!existsSync(at("work", "corrections")));
  const saved = await save({ kind: "set", records: [3, 4], label: "positive" });
  assert.deepEqual(saved.touched, { records: [3, 4], labels: ["positive", "positive"], notes: ["", ""] });
  const hash = dataset.description.sha256.manifest.slice(0, 8);
  assert.equal(state.journal, `corrections/dataset-${hash}.jsonl`);
  const { entries } = await readJournal(at("work", state.journal));
  assert.deepEqual(
    entries.map(({ kind, author }) => [kind, author]),
    [["set", "a reader"]],
  );
  assert.deepEqual(entries[0]!.kind === "set" && entries[0]!.patches, [dataset.rows[3]!.id, dataset.rows[4]!.id]);
  assert.deepEqual(published.at(-1), { dataset: id, entries: 1 });
});

test("the same request twice is one entry; another request with its id is refused", async () => {
  const body = { kind: "set" as const, id: randomUUID(), records: [5], label: "unsure" as const };
  const [one, two] = [await save(body), await save(body)];
  assert.deepEqual(two, one);
  await refusedWith({ ...body, label: "exclude" }, 400, /another entry with the id/);
  const undo = { kind: "undo" as const, id: randomUUID() };
  const [first, again] = [await save(undo), await save(undo)];
  assert.deepEqual([again.entries, again.entry], [first.entries, first.entry]);
  assert.equal((await labels())[5], undefined);
});

test("undo and redo go back to the first entry and forward again, also after a restart", async () => {
  await save({ kind: "set", records: [3], label: "exclude" });
  await save({ kind: "note", records: [7], text: " folded " });
  const end = await json<CorrectionsState>("/corrections");
  assert.deepEqual(end.patches.notes.filter(Boolean), ["folded"]);
  await services.journals.close();
  const journals = new Journals(services.workspace.root, services.news);
  services = { ...services, journals, correctionsOf: correctionsIn(journals) };
  const words: string[] = [];
  for (;;) {
    const { undo } = await json<CorrectionsState>("/corrections");
    if (!undo) break;
    words.push(`${undo.kind} ${undo.label}`);
    await save({ kind: "undo" });
  }
  assert.deepEqual(words, ["note null", "set exclude", "set positive"]);
  assert.deepEqual(await labels(), {});
  await refusedWith({ kind: "undo", id: randomUUID() }, 400, /nothing to undo/);
  for (let i = 0; i < 3; i++) assert.equal((await save({ kind: "redo" })).entry.step, "redone");
  await refusedWith({ kind: "redo", id: randomUUID() }, 400, /nothing to redo/);
  assert.deepEqual((await json<CorrectionsState>("/corrections")).patches, end.patches);
});

test("entries of two tabs that interleave are all there, and both tabs see both", async () => {
  const before = (await json<CorrectionsState>("/corrections")).entries;
  const tab = (label: "positive" | "negative", first: number) =>
    Array.from({ length: 20 }, (_, i) => save({ kind: "set", records: [first + 2 * i], label, author: label }));
  await Promise.all([...tab("positive", 20), ...tab("negative", 21)]);
  const state = await json<CorrectionsState>("/corrections");
  assert.equal(state.entries, before + 40);
  const found = await labels();
  for (let i = 0; i < 20; i++) {
    assert.deepEqual([found[20 + 2 * i], found[21 + 2 * i]], ["positive", "negative"]);
  }
  const undone = await save({ kind: "undo", author: "negative" });
  assert.equal(undone.entry.label, "negative", "each author undoes own work");
});

test("a journal that another program changed: nothing is saved, and the next attempt is", async () => {
  const path = at("work", (await json<CorrectionsState>("/corrections")).journal);
  const other = { kind: "set", id: randomUUID(), author: "other", patches: [dataset.rows[90]!.id], label: "unsure" };
  appendFileSync(path, `${JSON.stringify({ ...other, time: new Date().toISOString() })}\n`);
  const body = { kind: "set" as const, id: randomUUID(), records: [91], label: "exclude" as const };
  const size = readFileSync(path).length;
  await refusedWith(body, 400, /not saved.*another program changed it/);
  assert.equal(readFileSync(path).length, size);
  await save(body);
  const found = await labels();
  assert.deepEqual([found[90], found[91]], ["unsure", "exclude"]);
});

test("what is wrong is refused in a sentence, and nothing is written", async () => {
  const { entries } = await json<CorrectionsState>("/corrections");
  const own = { id: randomUUID() };
  await refusedWith({ kind: "set", ...own, records: [500], label: "positive" }, 404, /no record 500/);
  await refusedWith({ kind: "set", ...own, records: [], label: "positive" }, 400, /records/);
  await refusedWith({ kind: "set", ...own, records: [1], label: "cancer" }, 400, /label/);
  await refusedWith({ kind: "set", id: "1", records: [1], label: null }, 400, /id/);
  await refusedWith({ kind: "set", ...own, records: new Array(10_001).fill(1), label: null }, 400, /10,000 patches/);
  await refusedWith({ kind: "undo", ...own, undoes: randomUUID() }, 400, /no entry/);
  assert.equal((await json<CorrectionsState>("/corrections")).entries, entries);
});

test("the queue: a tenth blind and not betrayed, the same page whatever is judged, verdicts in the journal", async () => {
  const { entries: start } = await json<CorrectionsState>("/corrections");
  const query = { run: RUN, seed: 5, start, before: 0 };
  const address = `/queue?run=${RUN}&seed=5&start=${start}&before=0`;
  const page = await json<QueuePage>(address);
  const test = new Set(dataset.indicesOf("test"));
  assert.ok(page.items.length >= 10 && page.items.every(({ record }) => test.has(record)));
  assert.deepEqual([page.candidates, page.splits, page.rate.judged], [test.size, ["test"], 0]);
  assert.deepEqual(Object.keys(page.items[0]!).sort(), ["height", "neighbours", "record", "verdict", "width", "x"]);
  const verdicts: SavedCorrection[] = [];
  for (const place of page.items.keys()) {
    verdicts.push(await save({ kind: "verdict", queue: query, place, label: "positive" }));
  }
  const blind = verdicts.filter(({ verdict }) => verdict!.isBlind);
  assert.equal(blind.length, Math.floor(page.items.length / 10));
  assert.ok(blind.every(({ entry }) => entry.kind === "blind"));
  assert.deepEqual(
    verdicts.map(({ verdict }) => [verdict!.record, verdict!.label]),
    page.items.map(({ record }) => [record, dataset.rows[record]!.label]),
  );
  const again = await json<QueuePage>(address);
  assert.deepEqual(
    again.items.map(({ record, verdict }) => [record, verdict]),
    page.items.map(({ record }) => [record, "positive"]),
  );
  const wrong = blind.filter(({ verdict }) => verdict!.label === 0).length;
  assert.deepEqual(
    [again.rate.judged, again.rate.wrong, again.rate.all.value],
    [blind.length, wrong, wrong / blind.length],
  );
  const next = await json<QueuePage>(address.replace(`start=${start}`, `start=${start + page.items.length}`));
  const judged = new Set(page.items.map(({ record }) => record));
  assert.ok(next.items.every(({ record }) => !judged.has(record)));
  const found = await labels();
  for (const { verdict } of blind) assert.equal(found[verdict!.record], undefined, "a blind verdict corrects nothing");
});

test("the summary counts by kind and split; any entry can be undone", async () => {
  const before = await json<CorrectionsSummary>("/corrections/summary");
  const record = dataset.indicesOf("train")[0]!;
  const own = dataset.rows[record]!.label;
  const other = own === 1 ? "negative" : "positive";
  const earlier = (await labels())[record];
  assert.notEqual(earlier, other);
  const saved = await save({ kind: "set", records: [record], label: other, author: "somebody else" });
  const after = await json<CorrectionsSummary>("/corrections/summary");
  assert.equal(after.splits.train[other], before.splits.train[other] + 1);
  assert.deepEqual([after.history[0]!.author, after.history[0]!.record], ["somebody else", record]);
  await save({ kind: "undo", undoes: saved.entry.id });
  const undone = await json<CorrectionsSummary>("/corrections/summary");
  assert.deepEqual(undone.splits, before.splits);
  assert.deepEqual([undone.history[0]!.step, undone.history[1]!.isInEffect], ["undone", false]);
});

test("the verb correct: the server finds the journal by the dataset's id", async () => {
  const body = { verb: "correct" as const, options: { dataset: id, journal: id, out: "dataset2" } };
  const { journal } = await json<CorrectionsState>("/corrections");
  assert.equal(await services.jobs.commandOf(body), `cancernet correct dataset ${journal} --out dataset2`);
  const foreign = { ...body, options: { ...body.options, journal: "../journal.jsonl" } };
  await assert.rejects(services.jobs.commandOf(foreign), /no dataset of that id/);
});

test("retraining needs a run of this dataset, and new names", async () => {
  const body = { run: "nothing", dataset: "corrected", out: "retrained" };
  const answer = await ask("/retrain", body);
  assert.equal(answer.status, 404);
  assert.deepEqual(readdirSync(at("work", ".cancernet-studio", "jobs")), []);
});
