/** The whole way on a small synthetic cohort: what the run folder holds, that it is the same again, that numbers agree. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { before, test } from "node:test";
import { openModel } from "../../src/artifacts/open_model.ts";
import { onnxMetadata } from "../../src/engine/graph/read_onnx.ts";
import { openOnnx } from "../../src/engine/runtime/node/session.ts";
import { openDataset } from "../../src/histology/dataset/dataset.ts";
import { RECORD_BYTES } from "../../src/histology/dataset/record.ts";
import { encodePng } from "../../src/histology/image/decode.ts";
import { computeMetrics } from "../../src/metrics/table.ts";
import { addContextOptions } from "../../src/options/add_context.ts";
import { calibrateOptions } from "../../src/options/calibrate.ts";
import { evaluateOptions } from "../../src/options/evaluate.ts";
import { exportOptions } from "../../src/options/export.ts";
import { predictOptions } from "../../src/options/predict.ts";
import { predictLines, predictProblem } from "../../src/reports/prediction/text.ts";
import { RandomStream } from "../../src/system/random.ts";
import { fromCsv } from "../../src/util/csv.ts";
import { type Progress, silent } from "../../src/util/reporter.ts";
import { addContext } from "../../src/workflows/add_context.ts";
import { calibrate } from "../../src/workflows/calibrate.ts";
import { classifyRows, neighbourFeaturesOf } from "../../src/workflows/classify.ts";
import { evaluate } from "../../src/workflows/evaluate.ts";
import { exportModel } from "../../src/workflows/export.ts";
import { predict } from "../../src/workflows/predict.ts";
import { train, trainOptions } from "../../src/workflows/train.ts";
import { context, drawDataset } from "../support/cohort.ts";
import { jsonOf, useFolder } from "../support/folder.ts";
import { refused } from "../support/refused.ts";

const RUN_FOLDER = [
  "checkpoint-1.bin",
  "checkpoint-2.bin",
  "history.csv",
  "last.onnx",
  "model.onnx",
  "plot.png",
  "run.json",
  "run.lock",
];
const at = useFolder("pipeline");

before(async () => {
  await drawDataset(at, { seed: 3, patchesPerCase: 50 });
  await train(
    trainOptions.parse({ dataset: at("dataset"), out: at("run"), epochs: 2, batchSize: 24, views: 8, threads: 1 }),
    context,
  );
});

test("a run folder holds the model, the last epoch, the history, the plot and its description", () => {
  assert.deepEqual(readdirSync(at("run")).sort(), RUN_FOLDER);
  const run = jsonOf(at("run", "run.json"));
  assert.equal(run.status, "finished");
  assert.equal(run.options.epochs, 2);
  assert.equal(run.options.batchSize, 24);
  const dataset = jsonOf(at("dataset", "dataset.json"));
  assert.deepEqual(run.dataset.sha256, dataset.sha256);
  const history = fromCsv(readFileSync(at("run", "history.csv"), "utf8"), ["epoch", "val_auroc"], "history.csv");
  assert.equal(history.length, 2);
  const best = Math.max(...history.map((row) => Number(row.val_auroc)));
  assert.equal(run.val_auroc, best);
});

test("the model file carries its card", () => {
  const metadata = onnxMetadata(readFileSync(at("run", "model.onnx")));
  assert.equal(metadata["cancernet.class_names"], "no IDC,IDC");
  assert.equal(metadata["cancernet.threshold_rule"], "youden");
  assert.ok(Number(metadata["cancernet.temperature"]) > 0);
  assert.match(metadata["cancernet.notice"]!, /Research use only/);
  const dataset = jsonOf(at("dataset", "dataset.json"));
  assert.equal(metadata["cancernet.dataset_sha256"], dataset.sha256.manifest);
});

test("calibrate: another rule, met on val, in a new file whose ranking is the old one", async () => {
  const found = await calibrate(
    calibrateOptions.parse({ model: at("run"), threshold: "sensitivity=1", out: at("sensitive.onnx"), threads: 1 }),
    context,
  );
  const { report } = await evaluate(
    evaluateOptions.parse({ model: at("sensitive.onnx"), dataset: at("dataset"), split: "val", out: at("on val") }),
    context,
  );
  assert.equal(report.model.threshold_rule, "sensitivity=1");
  assert.equal(report.model.threshold, found.threshold);
  assert.equal(report.metrics.sensitivity.value, 1);
  // It was calibrated before: the temperature is fitted to the model as it was trained, and is the same.
  assert.ok(
    Math.abs(found.temperature - Number(onnxMetadata(readFileSync(at("run", "model.onnx")))["cancernet.temperature"])) <
      1e-3,
  );
});

test("add-context: as evaluated by hand from the card's weights; a lone image is a patch without neighbours", async () => {
  const out = at("neighbours.onnx");
  const { neighbourhood: fitted } = await addContext(
    addContextOptions.parse({ model: at("run"), reach: 1, out, threads: 1 }),
    context,
  );
  const dataset = await openDataset(at("dataset"));
  const rows = dataset.indicesOf("test");
  const model = await openModel(out, { threads: 1 });
  const features = await neighbourFeaturesOf(model, dataset, { rows, reach: 1 });
  const { probabilities } = await classifyRows(model, dataset, rows);
  const { temperature } = model.card;
  assert.deepEqual(model.card.neighbourhood, fitted);
  rows.forEach((row, index) => {
    const score = fitted.weights.reduce(
      (sum, weight, column) => sum + weight * features[index * 3 + column]!,
      fitted.bias,
    );
    assert.ok(Math.abs(probabilities[index]! - 1 / (1 + Math.exp(-score / temperature))) < 1e-6, dataset.rows[row]!.id);
  });
  const { probabilities: alone } = await classifyRows(
    model,
    { ...dataset, rows: dataset.rows.map((row) => ({ ...row, x: undefined })) },
    rows,
  );
  const { probabilities: byGraph } = await model.classifier.classify(rows.length, (first, count, into) => {
    for (let place = 0; place < count; place++) dataset.read(rows[first + place]!, into, place * RECORD_BYTES);
  });
  alone.forEach((probability, index) => {
    assert.ok(Math.abs(probability - byGraph[index]!) < 1e-6);
  });
  await model.classifier.close();
  dataset.close();
});

test("export: both kinds of input give the model's probabilities, with its card", async () => {
  for (const input of ["patches", "images"] as const) {
    const out = at(`${input}.onnx`);
    const { largest_difference: largestDifference } = await exportModel(
      exportOptions.parse({ model: at("run"), input, out }),
      context,
    );
    assert.ok(largestDifference < 1e-5, String(largestDifference));
    const [found, expected] = [out, at("run", "model.onnx")].map((path) => onnxMetadata(readFileSync(path)));
    assert.equal(found!["cancernet.threshold"], expected!["cancernet.threshold"]);
  }
  // Eight views of the model's own size, by hand.
  const session = await openOnnx(readFileSync(at("images.onnx")), { threads: 1 });
  const image = new RandomStream(4, "image").bytes(3 * 48 * 48);
  const data = Float32Array.from(image, (byte) => byte / 255);
  const flipped = data.map((_, index) => data[index - (index % 48) + 47 - (index % 48)]!);
  const run = async (one: Float32Array) =>
    (await session.run({ images: { data: one, shape: [1, 3, 48, 48] } })).probability!.data[0] as number;
  const [straight, mirrored] = [await run(data), await run(flipped)];
  await session.close();
  assert.ok(Math.abs(straight - mirrored) < 1e-5, `${straight} and ${mirrored}`);
});

test("the same seed gives the same bytes with another number of threads; another seed does not", async () => {
  const again = { dataset: at("dataset"), epochs: 2, batchSize: 24, views: 8 };
  await train(trainOptions.parse({ ...again, out: at("again"), threads: 3 }), context);
  await train(trainOptions.parse({ ...again, out: at("other"), threads: 2, seed: 7, epochs: 1 }), context);
  for (const file of ["model.onnx", "last.onnx", "history.csv", "plot.png"]) {
    assert.deepEqual(readFileSync(at("again", file)), readFileSync(at("run", file)), file);
  }
  assert.notDeepEqual(readFileSync(at("other", "last.onnx")), readFileSync(at("run", "last.onnx")));
});

test("evaluate, its files, and predict agree on every patch of the test split", async () => {
  const { report } = await evaluate(evaluateOptions.parse({ model: at("run") }), context);
  const written = jsonOf(at("run", "evaluation-test", "report.json"));
  assert.deepEqual(written, JSON.parse(JSON.stringify(report)));
  const columns = ["id", "label", "probability", "predicted"] as const;
  const rows = fromCsv(
    readFileSync(at("run", "evaluation-test", "predictions.csv"), "utf8"),
    columns,
    "predictions.csv",
  );
  assert.equal(rows.length, report.patches);
  const metrics = computeMetrics(
    rows.map((row) => Number(row.label)),
    rows.map((row) => Number(row.probability)),
    report.model.threshold,
  );
  for (const name of ["auroc", "accuracy", "sensitivity", "specificity"] as const) {
    assert.ok(Math.abs(metrics[name].value! - report.metrics[name].value!) < 1e-12, name);
  }
  const { tn, fp, fn, tp } = report.confusion;
  assert.equal(tn + fp + fn + tp, report.patches);
  const dataset = await openDataset(at("dataset"));
  const sources = new Map(dataset.rows.map(({ id, source }) => [id, at("patches", source)]));
  dataset.close();
  const some = rows.filter((_, index) => index % 7 === 0);
  const images = some.map(({ id }) => sources.get(id)!);
  const { predictions } = await predict(predictOptions.parse({ model: at("run"), images }), context);
  assert.deepEqual(
    predictions.map(({ probability }) => probability),
    some.map((row) => Number(row.probability)),
  );
});

test("an image of another size is resized and says so; a damaged one is named and does not stop the others", async () => {
  const grey = { width: 80, height: 30, data: new Uint8Array(80 * 30 * 3).fill(200) };
  writeFileSync(at("wide.png"), await encodePng(grey));
  writeFileSync(at("bad.png"), "not a picture");
  const warnings: string[] = [];
  const reporter = { ...silent, warn: (line: string) => warnings.push(line) };
  const options = predictOptions.parse({ model: at("run"), images: [at("wide.png"), at("bad.png")] });
  const result = await predict(options, { ...context, reporter });
  const lines = predictLines(result, {}).join("\n");
  assert.match(lines, /wide\.png.*resized from 80 x 30/);
  assert.match(lines, /Research use only/);
  assert.match(warnings.join("\n"), /bad\.png/);
  refused("images-failed", "1 of 2 images")(predictProblem(result));
});

test("a training that diverges stops with a sentence and leaves no model", async () => {
  const options = trainOptions.parse({
    dataset: at("dataset"),
    out: at("wild"),
    optimizer: "sgd",
    schedule: "constant",
    learningRate: 100,
    epochs: 3,
  });
  await assert.rejects(train(options, context), refused("training-diverged", "--learning-rate"));
  assert.equal(jsonOf(at("wild", "run.json")).status, "failed");
});

test("an aborted training keeps its finished epochs and leaves no temporary file", async () => {
  const stop = new AbortController();
  const progress = ({ task, number, done, total }: Progress) => {
    if (task === "epoch" && number === 1 && done === total) stop.abort(new Error("stopped"));
  };
  const reporter = { ...silent, progress };
  const options = trainOptions.parse({ dataset: at("dataset"), out: at("stopped"), epochs: 5, batchSize: 24 });
  await assert.rejects(train(options, { reporter, signal: stop.signal }), /stopped/);
  // The picture of the epochs is drawn when the training goes on.
  const kept = RUN_FOLDER.filter((name) => name !== "checkpoint-2.bin" && name !== "plot.png");
  assert.deepEqual(readdirSync(at("stopped")).sort(), kept);
  assert.equal(readFileSync(at("stopped", "history.csv"), "utf8").trimEnd().split("\n").length, 2);
  assert.equal(jsonOf(at("stopped", "run.json")).status, "interrupted");
});
