/**
 * A trained model describes its training's cases: evaluations of like cases say so, those of darkened ones warn and name
 * them; of a model without the description that is said; a resumed training ends with the same bytes.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { before, test } from "node:test";
import { modelFileOf, openModel } from "../../src/artifacts/open_model.ts";
import { openDataset, readTable } from "../../src/histology/dataset/dataset.ts";
import { decodeImage, encodePng } from "../../src/histology/image/decode.ts";
import { expectedShare } from "../../src/metrics/likeness.ts";
import { addContextOptions } from "../../src/options/add_context.ts";
import { calibrateOptions } from "../../src/options/calibrate.ts";
import { evaluateOptions } from "../../src/options/evaluate.ts";
import { evaluationLines } from "../../src/reports/evaluation/text.ts";
import { addContext } from "../../src/workflows/add_context.ts";
import { calibrate } from "../../src/workflows/calibrate.ts";
import { classifyRows } from "../../src/workflows/classify.ts";
import { evaluate } from "../../src/workflows/evaluate.ts";
import { train, trainOptions } from "../../src/workflows/train.ts";
import { context, drawDataset, prepareQuietly, recorder } from "../support/cohort.ts";
import { useFolder } from "../support/folder.ts";
import { modelBytes } from "../support/inputs.ts";
import { smallJournal } from "../support/journal.ts";
import { corrected } from "./correction/support.ts";
import { assertSameRun } from "./resume_fixture.ts";

const at = useFolder("likeness");
const OPTIONS = { model: "compact", views: 1, batchSize: 32, epochs: 2, threads: 1, schedule: "constant" } as const;
const evaluated = async (options: object) => {
  const { reporter, warnings } = recorder();
  const result = await evaluate(evaluateOptions.parse({ threads: 1, ...options }), { ...context, reporter });
  return { ...result, warnings };
};
const cardOf = (path: string) => modelFileOf(readFileSync(path), "it").card;

before(async () => {
  await drawDataset(at, { seed: 3, cases: 40, patchesPerCase: 12 });
  await train(trainOptions.parse({ dataset: at("dataset"), out: at("run"), ...OPTIONS }), context);
});

test("the model file holds the training's cases, and the cases of the test split are like them", async () => {
  const { training_cases: found } = cardOf(at("run", "model.onnx"));
  const { likeness, dataset } = (await evaluated({ model: at("run") })).report;
  assert.equal(found!.cases, dataset.counts.train.cases);
  assert.ok(likeness?.examined);
  assert.equal(likeness.training_cases, dataset.counts.train.cases);
  assert.equal(likeness.expected_share, expectedShare(likeness.training_cases));
  assert.equal(likeness.cases.length, dataset.counts.test.cases);
  assert.equal(likeness.unlike, false);
  assert.equal(cardOf(at("run", "last.onnx")).training_cases, undefined);
  const { train: trained, val } = dataset.counts;
  assert.equal(cardOf(at("run", "model.onnx")).known_patches!.length, 64 * (trained.cases + val.cases));
  const own = (await evaluated({ model: at("run"), split: "train", out: at("on train") })).report.likeness;
  assert.ok(own?.examined && own.share <= 0.05, String(own?.examined && own.share));
});

test("darkened cases are unlike: a warning with numbers and names, in the text, on the page and per case", async () => {
  for (const path of readdirSync(at("patches"), { recursive: true, encoding: "utf8" })) {
    if (!path.endsWith(".png")) continue;
    const image = await decodeImage(at("patches", path), path);
    const place = at("dark patches", path);
    await mkdir(dirname(place), { recursive: true });
    await writeFile(place, await encodePng({ ...image, data: image.data.map((value) => value * 0.6) }));
  }
  await prepareQuietly({ source: at("dark patches"), out: at("dark") });
  const result = await evaluated({ model: at("run"), dataset: at("dark"), out: at("dark evaluation") });
  const { likeness } = result.report;
  assert.ok(likeness?.examined && likeness.unlike && likeness.p_value < 0.01);
  const names = likeness.cases.filter(({ beyond }) => beyond).map((one) => one.case);
  assert.ok(names.length > 2 && likeness.beyond === names.length);
  const warning = result.warnings.find((line) => line.startsWith("These cases look unlike the training's: "))!;
  const page = readFileSync(join(at("dark evaluation"), "report.html"), "utf8");
  for (const text of [warning, page, evaluationLines(result).join("\n")]) {
    assert.match(text, new RegExp(`${names.length} of ${likeness.cases.length} cases \\(`));
    for (const name of names) assert.ok(text.includes(name), name);
  }
  assert.equal(page.match(/\(unlike\)/g)?.length, names.length);
});

test("calibrate and add-context keep the description; a model of an earlier version has none, and the report says so", async () => {
  const expected = (await evaluated({ model: at("run") })).report.likeness;
  const dataset = at("dataset");
  await calibrate(
    calibrateOptions.parse({ model: at("run"), threshold: "0.3", out: at("c.onnx"), threads: 1 }),
    context,
  );
  await addContext(addContextOptions.parse({ model: at("run"), reach: 1, out: at("n.onnx"), threads: 1 }), context);
  for (const model of [at("c.onnx"), at("n.onnx")]) {
    assert.deepEqual((await evaluated({ model, dataset })).report.likeness, expected);
  }
  await writeFile(at("earlier.onnx"), modelBytes("compact"));
  const earlier = await evaluated({ model: at("earlier.onnx"), dataset });
  assert.deepEqual(earlier.report.likeness, { examined: false, reason: "model" });
  assert.match(
    evaluationLines(earlier).join("\n"),
    /was not examined: this model does not describe its training cases \(/,
  );
});

test("calibrate warns if the validation split of another dataset has cases that the model was made from", async () => {
  await prepareQuietly({ source: at("patches"), out: at("split again"), seed: 9 });
  const warningsOn = async (dataset: string, out: string) => {
    const { reporter, warnings } = recorder();
    const options = calibrateOptions.parse({ model: at("run"), dataset: at(dataset), out: at(out), threads: 1 });
    await calibrate(options, { ...context, reporter });
    return warnings;
  };
  const names = async (dataset: string, splits: readonly string[]) => {
    const { rows } = await readTable(at(dataset));
    return new Set(rows.filter(({ split }) => splits.includes(split)).map(({ caseId }) => caseId));
  };
  const used = await names("dataset", ["train", "val"]);
  const known = [...(await names("split again", ["val"]))].filter((name) => used.has(name));
  assert.ok(known.length > 0);
  const [warning, ...others] = await warningsOn("split again", "k1.onnx");
  assert.match(warning!, new RegExp(`^${known.length} cases? of val (was|were) used to make the model: .*new cases`));
  assert.deepEqual(others, []);
  assert.deepEqual(await warningsOn("dataset", "k2.onnx"), []);
  assert.deepEqual(await warningsOn("dark", "k3.onnx"), []);
  const journal = await smallJournal(at("journal.jsonl"), at("dataset"));
  await corrected({ dataset: at("dataset"), journal, out: at("corrected") });
  assert.deepEqual(await warningsOn("corrected", "k4.onnx"), []);
});

test("the features of many patches, which threads compute, are those of few", async () => {
  const dataset = await openDataset(at("dataset"));
  const model = await openModel(at("run", "model.onnx"), { threads: 2 });
  const few = dataset.indicesOf("val");
  const many = Uint32Array.from({ length: 4100 }, (_, place) => few[place % few.length]!);
  const expected = await classifyRows(model, dataset, few);
  const found = await classifyRows(model, dataset, many);
  assert.equal(expected.features.length, 4 * few.length);
  assert.equal(found.features.length, 4 * many.length);
  const repeated = Float32Array.from(
    found.features,
    (_, place) => expected.features[place % expected.features.length]!,
  );
  assert.deepEqual(found.features, repeated);
  await model.classifier.close();
  dataset.close();
});

test("a finished run that goes on, and one in parts, end with the same bytes", async () => {
  await train(trainOptions.parse({ resume: at("run") }), context);
  const parts = at("parts");
  await train(trainOptions.parse({ dataset: at("dataset"), out: parts, ...OPTIONS, epochs: 1 }), context);
  assert.ok(cardOf(join(parts, "model.onnx")).training_cases);
  await train(trainOptions.parse({ resume: parts, epochs: 2, threads: 2 }), context);
  assertSameRun(parts, at("run"), "in parts");
});
