/** The verb "slide" on synthetic slides: the same probabilities as other verbs, every file that it writes, resuming, and several slides. */

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { before, test } from "node:test";
import { modelFile } from "../../../src/artifacts/model_file.ts";
import { modelFileOf, openModelFile } from "../../../src/artifacts/open_model.ts";
import { MODELS } from "../../../src/engine/models/table.ts";
import { initialize } from "../../../src/engine/nn/initialize.ts";
import { RECORD_BYTES, RECORD_SIZE_PIXELS } from "../../../src/histology/dataset/record.ts";
import { sequential } from "../../../src/histology/image/colour_map.ts";
import { decodeImage, encodePng } from "../../../src/histology/image/decode.ts";
import { cornerOf } from "../../../src/histology/slide/patches.ts";
import { scoredCells } from "../../../src/histology/slide/scores.ts";
import { evaluateOptions } from "../../../src/options/evaluate.ts";
import { predictOptions } from "../../../src/options/predict.ts";
import { prepareOptions } from "../../../src/options/prepare.ts";
import { slideOptions } from "../../../src/options/slide.ts";
import type { SlideOutcome } from "../../../src/reports/slide/result.ts";
import { outcomeLines, slideProblem } from "../../../src/reports/slide/text.ts";
import { scoreSlide } from "../../../src/scoring/slide.ts";
import { fromCsv } from "../../../src/util/csv.ts";
import { type JobEvent, type Progress, silent } from "../../../src/util/reporter.ts";
import { evaluate } from "../../../src/workflows/evaluate.ts";
import { predict } from "../../../src/workflows/predict.ts";
import { prepare } from "../../../src/workflows/prepare.ts";
import { slide } from "../../../src/workflows/slide.ts";
import { memorySlide } from "../../histology/slide/support/memory_slide.ts";
import { cut } from "../../histology/slide/support/pictures.ts";
import { context } from "../../support/cohort.ts";
import { useFolder } from "../../support/folder.ts";
import { cancernetAlone } from "../../support/inputs.ts";
import { type Refusal, refused } from "../../support/refused.ts";
import { drawSlide, probabilitiesIn, type SyntheticSlide, writePatches } from "./scored.ts";

const FILES = [
  "agreement.png",
  "heatmap.png",
  "idc.geojson",
  "overlay.png",
  "probabilities.csv",
  "probability.tif",
  "slide.html",
  "slide.json",
  "tissue.png",
];
let drawn: SyntheticSlide;
const at = useFolder("slide");
const text = (...names: string[]) => readFileSync(at(...names), "utf8");
const score = async (model: string, path: string, out: string, more: object = {}) =>
  (await slide(slideOptions.parse({ model, slides: [at(path)], out: at(out), threads: 2, ...more }), context)).outcomes;

before(async () => {
  drawn = drawSlide();
  writeFileSync(at("alone.onnx"), cancernetAlone());
  writeFileSync(at("90001.png"), await encodePng(drawn));
  // Three cases, so that each split has one; the slide's is in test.
  await writePatches(drawn, at("patches"), "90001");
  for (const [seed, caseId] of [
    [5, "90002"],
    [6, "90003"],
  ] as const) {
    await writePatches(drawSlide({ seed, caseId, columns: 4, rows: 4 }), at("patches"), caseId);
  }
  mkdirSync(at("splits"));
  for (const [split, caseId] of [
    ["train", "90002"],
    ["val", "90003"],
    ["test", "90001"],
  ] as const) {
    writeFileSync(at("splits", `cases_${split}.txt`), `${caseId}\n`);
  }
  await prepare(prepareOptions.parse({ source: at("patches"), splitLists: at("splits"), out: at("dataset") }), context);
});

test("each patch has the probability that predict gives for the same pixels", async () => {
  await score(at("alone.onnx"), "90001.png", "alone", { minTissue: 0 });
  const found = probabilitiesIn(text("alone", "probabilities.csv"));
  const { predictions } = await predict(
    predictOptions.parse({ model: at("alone.onnx"), images: [at("patches", "90001")] }),
    context,
  );
  assert.equal(predictions.length, found.size);
  for (const { file, probability } of predictions) {
    const [, x, y] = /_x(\d+)_y(\d+)_/.exec(file)!;
    assert.equal(found.get(`${Number(x) - 1},${Number(y) - 1}`), probability, file);
  }
});

test("many patches, which run in threads, have the probability of each by itself", async () => {
  const arrays = initialize(MODELS.compact, 1);
  const facts = { dataset_sha256: null, epoch: null, seed: 1, recipe: "none" };
  const file = modelFile({ model: MODELS.compact, arrays }, facts);
  const model = await openModelFile(modelFileOf(file, "the model"), { threads: 2 });
  const options = { scale: 1, stride: 5, minTissue: 0 };
  const scores = await scoreSlide(model, memorySlide(drawn), options, context);
  const { grid, probabilities } = scores;
  const cells = Uint32Array.from(scoredCells(scores));
  assert.ok(cells.length >= 4096);
  const AT_A_TIME = 1000;
  for (let start = 0; start < cells.length; start += AT_A_TIME) {
    const some = cells.subarray(start, start + AT_A_TIME);
    const { probabilities: alone } = await model.classifier.classify(some.length, (first, count, into) => {
      for (const [place, cell] of some.subarray(first, first + count).entries()) {
        const patch = cut(drawn, { ...cornerOf(grid, cell), width: RECORD_SIZE_PIXELS, height: RECORD_SIZE_PIXELS });
        into.set(patch.data, place * RECORD_BYTES);
      }
    });
    assert.deepEqual(
      some
        .values()
        .map((cell) => probabilities[cell]!)
        .toArray(),
      [...alone],
    );
  }
  await model.classifier.close();
});

test("with neighbours each patch has the probability that evaluate gives, and the metrics are evaluate's", async () => {
  await evaluate(evaluateOptions.parse({ model: "idc", dataset: at("dataset"), out: at("evaluation") }), context);
  // Only where every patch of the dataset is scored are its neighbours the same.
  const [outcome] = await score("idc", "90001.png", "heeding", { labels: at("dataset", "manifest.csv"), minTissue: 0 });
  const { agreement } = outcome!.report!;
  const found = probabilitiesIn(text("heeding", "probabilities.csv"));
  const rows = fromCsv(text("evaluation", "predictions.csv"), ["x", "y", "probability"], "predictions.csv");
  assert.equal(found.size, rows.length);
  for (const { x, y, probability } of rows) {
    assert.equal(found.get(`${Number(x) - 1},${Number(y) - 1}`), Number(probability), `${x} ${y}`);
  }
  const { metrics, confusion } = JSON.parse(text("evaluation", "report.json"));
  assert.deepEqual(agreement!.confusion, confusion);
  for (const [name, value] of Object.entries(agreement!.metrics)) {
    assert.ok(Math.abs(value! - metrics[name].value) < 1e-6, name);
  }
});

test("the folder holds every file, and its numbers agree with each other", async () => {
  assert.deepEqual(readdirSync(at("heeding")).sort(), FILES);
  const report = JSON.parse(text("heeding", "slide.json"));
  const probabilities = [...probabilitiesIn(text("heeding", "probabilities.csv")).values()];
  const idc = probabilities.filter((probability) => probability >= report.threshold).length;
  assert.equal(report.findings.patches.scored, probabilities.length);
  assert.equal(report.findings.idc.patches, idc);
  const { features } = JSON.parse(text("heeding", "idc.geojson"));
  const patches = features.map(
    (feature: { properties: { measurements: { patches: number } } }) => feature.properties.measurements.patches,
  );
  assert.equal(
    patches.reduce((sum: number, count: number) => sum + count, 0),
    idc,
  );
  assert.equal(features.length, report.findings.idc.regions);
  const page = text("heeding", "slide.html");
  assert.match(page, /Research use only: not for diagnosis\./);
  assert.match(page, /The scale is a guess\./);
  assert.doesNotMatch(page, /<script|https?:(?!\/\/www\.w3\.org)/);
});

test("every cell of GeoJSON lies where its row of the table says", async () => {
  await score(at("alone.onnx"), "90001.png", "cells", { geojson: "cells", stride: 25 });
  const { features } = JSON.parse(text("cells", "idc.geojson"));
  const found = probabilitiesIn(text("cells", "probabilities.csv"));
  assert.equal(features.length, found.size);
  for (const { geometry, properties } of features) {
    const [[corner, , opposite]] = geometry.coordinates;
    assert.equal(properties.measurements.probability, found.get(corner.join()));
    assert.deepEqual(opposite, [corner[0] + 50, corner[1] + 50]);
    assert.equal(properties.objectType, "tile");
  }
});

/** The slide moved to the right and down, white where nothing is. */
function moved({ width, height, data }: SyntheticSlide, by: number) {
  const wide = { width: width + 2 * by, height: height + 2 * by };
  const pixels = new Uint8Array(wide.width * wide.height * 3).fill(255);
  for (let row = 0; row < height; row++) {
    pixels.set(data.subarray(row * width * 3, (row + 1) * width * 3), ((row + by) * wide.width + by) * 3);
  }
  return { ...wide, data: pixels };
}

test("a slide moved by half a patch has its maps moved by as much, at all four corners", async () => {
  writeFileSync(at("moved.png"), await encodePng(moved(drawn, 25)));
  await score(at("alone.onnx"), "90001.png", "still", { stride: 25 });
  await score(at("alone.onnx"), "moved.png", "shifted", { stride: 25 });
  const [still, shifted] = ["still", "shifted"].map((name) => probabilitiesIn(text(name, "probabilities.csv")));
  for (const [place, probability] of still!) {
    const [x, y] = place.split(",").map(Number) as [number, number];
    assert.equal(shifted!.get(`${x + 25},${y + 25}`), probability, place);
  }
  const [first, second] = await Promise.all(
    ["still", "shifted"].map((name) => decodeImage(at(name, "heatmap.png"), name)),
  );
  const pixel = (map: typeof first, x: number, y: number) => [
    ...map!.data.subarray((y * map!.width + x) * 3, (y * map!.width + x) * 3 + 3),
  ];
  const { width, height } = drawn;
  // A cell stands for the 25 pixels around its patch's middle; cells at the edge for what lies beyond too, so not these.
  const corners = [
    [13, 13],
    [width - 14, 13],
    [13, height - 14],
    [width - 14, height - 14],
  ] as const;
  for (const [x, y] of corners) {
    const cell = [x, y].map((place) => Math.floor((place - 12.5) / 25) * 25).join();
    const probability = still!.get(cell);
    const expected = probability === undefined ? [255, 255, 255] : [...sequential(probability)];
    assert.deepEqual(pixel(first, x, y), expected, `corner ${x}, ${y}`);
    assert.deepEqual(pixel(second, x + 25, y + 25), expected, `corner ${x}, ${y}, moved`);
  }
  for (let y = 13; y < height - 13; y++) {
    for (let x = 13; x < width - 13; x++) {
      assert.deepEqual(pixel(second, x + 25, y + 25), pixel(first, x, y), `${x}, ${y}`);
    }
  }
});

/** An interrupted scoring goes on, and ends with the same bytes. */
async function requireResumed(name: string, grid: { stride: number; minTissue?: number }) {
  const [resumed, unbroken] = [`${name}, resumed`, `${name}, whole`];
  const options = slideOptions.parse({ model: "idc", slides: [at("90001.png")], out: at(resumed), ...grid });
  const whole = slideOptions.parse({ ...options, out: at(unbroken) });
  await slide(whole, context);
  const stop = new AbortController();
  const seen: Progress[] = [];
  const reporter = {
    ...silent,
    progress: (progress: Progress) => {
      if (progress.task !== "score") return;
      seen.push(progress);
      stop.abort(new Error("stopped"));
    },
  };
  await assert.rejects(slide(options, { reporter, signal: stop.signal }), /stopped/);
  assert.deepEqual(readdirSync(at(resumed)), ["scores.part"]);
  const done = seen[0]!.done;
  assert.ok(done > 0 && done < seen[0]!.total);
  // Other settings must not take these answers.
  await assert.rejects(slide({ ...options, minTissue: 0.5 }, context), refused("output-mismatch"));
  const again: number[] = [];
  await slide(options, {
    ...context,
    reporter: { ...silent, progress: ({ task, done }) => void (task === "score" && again.push(done)) },
  });
  assert.ok(again[0]! > done);
  const comparable = FILES.filter((name) => !["agreement.png", "slide.html", "slide.json"].includes(name));
  for (const name of comparable)
    assert.deepEqual(readFileSync(at(resumed, name)), readFileSync(at(unbroken, name)), name);
  assert.deepEqual(readdirSync(at(resumed)).sort(), readdirSync(at(unbroken)).sort());
}

test("an interrupted scoring goes on, and ends with the same bytes", () => requireResumed("few", { stride: 10 }));

test("so does one of so many patches that they run in threads", () =>
  requireResumed("many", { stride: 5, minTissue: 0 }));

test("of several slides one that is damaged fails alone, and those done are skipped", async () => {
  mkdirSync(at("slides"));
  writeFileSync(at("slides", "a.png"), readFileSync(at("90001.png")));
  writeFileSync(at("slides", "b.png"), readFileSync(at("90001.png")).subarray(0, 3000));
  writeFileSync(at("slides", "notes.md"), "no slide");
  writeFileSync(at("list.txt"), "# both, and another\nslides/a.png\n\nslides/b.png\nmoved.png\n");
  const told: string[] = [];
  const reporter = {
    ...silent,
    warn: (line: string) => void told.push(line),
    event: (event: JobEvent) => void (event.event === "item" && told.push(...outcomeLines(event.item as SlideOutcome))),
  };
  const all = slideOptions.parse({ model: at("alone.onnx"), slides: [at("slides")], out: at("many") });
  const result = await slide(all, { ...context, reporter });
  refused("slides-failed", "1 of 2 slides")(slideProblem(result));
  const early = slideProblem({ ...result, unfinished: ["c"] });
  refused("units-unfinished", /^1 of 3 units in .* are not done yet \(such as c\), and 1 failed: give /)(early);
  assert.ok(told.some((line) => line.includes("b.png")));
  const rows = fromCsv(text("many", "slides.csv"), ["slide", "patches", "idc_share", "error"], "slides.csv");
  assert.deepEqual(
    rows.map(({ patches, error }) => [patches !== "", error !== ""]),
    [
      [true, false],
      [false, true],
    ],
  );
  told.length = 0;
  const listed = slideOptions.parse({ ...all, slides: [at("list.txt")] });
  writeFileSync(at("slides", "b.png"), readFileSync(at("90001.png")));
  const { outcomes } = await slide(listed, { ...context, reporter });
  assert.deepEqual(
    outcomes.map(({ report }) => report?.slide.file),
    ["a.png", "b.png", "moved.png"],
  );
  assert.ok(told.some((line) => line.includes("a.png, scored before")));
  assert.ok(told.some((line) => line.endsWith("moved.png")));
});

test("what cannot be meant is refused in a sentence, and nothing is written", async () => {
  const wrong: [object, Refusal][] = [
    [{ scale: 2, patchSizeUm: 200 }, refused("options-conflict")],
    [{ case: "90001" }, refused("options-conflict", "--labels")],
    [{ labels: at("dataset", "manifest.csv"), case: "1" }, refused("labels-missing", '"1"')],
    [{ labels: at("90001.png") }, refused("text-invalid", "90001.png")],
    [{ stride: 30 }, refused("option-invalid", "--stride")],
    [{ slides: [at("nowhere.svs")] }, refused("slide-missing", "nowhere.svs")],
    [{ slides: [at("splits")] }, refused("folder-empty", "splits")],
    [{ scale: 100, minTissue: 1 }, refused("tissue-missing", "90001.png")],
    [{ model: at("90001.png") }, refused("model-damaged", "90001.png")],
    [{ out: at("90001.png") }, refused("path-is-file")],
  ];
  for (const [more, refusal] of wrong) {
    await assert.rejects(score("idc", "90001.png", "refused", more), refusal);
  }
  assert.equal(readdirSync(at()).includes("refused") && readdirSync(at("refused")).length > 0, false);
});

test("a slide whose folder holds another scoring is refused", async () => {
  await assert.rejects(
    score(at("alone.onnx"), "90001.png", "alone", { stride: 25 }),
    refused("output-mismatch", "stride"),
  );
  await assert.rejects(score(at("alone.onnx"), "90001.png", "dataset"), refused("output-exists"));
  const report = at("alone", "slide.json");
  for (const [content, refusal] of [
    ["{", refused("output-mismatch", /is not JSON/)],
    ["null", refused("output-mismatch")],
    ["{}", refused("output-mismatch")],
  ] as const) {
    writeFileSync(report, content);
    await assert.rejects(score(at("alone.onnx"), "90001.png", "alone"), refusal);
  }
});
