/** Records of 96 and of 32 pixels from a training to a slide: a patch has one probability in every verb; what is refused. */

import assert from "node:assert/strict";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { onnxMetadata } from "../../src/engine/graph/read_onnx.ts";
import { openOnnx } from "../../src/engine/runtime/node/session.ts";
import { decodeImage } from "../../src/histology/image/decode.ts";
import { addContextOptions } from "../../src/options/add_context.ts";
import { calibrateOptions } from "../../src/options/calibrate.ts";
import { evaluateOptions } from "../../src/options/evaluate.ts";
import { explainOptions } from "../../src/options/explain.ts";
import { exportOptions } from "../../src/options/export.ts";
import { predictOptions } from "../../src/options/predict.ts";
import { probeOptions } from "../../src/options/probe.ts";
import { slideOptions } from "../../src/options/slide.ts";
import { predictLines } from "../../src/reports/prediction/text.ts";
import { trainLines } from "../../src/reports/training/text.ts";
import { fromCsv } from "../../src/util/csv.ts";
import { silent } from "../../src/util/reporter.ts";
import { addContext } from "../../src/workflows/add_context.ts";
import { calibrate } from "../../src/workflows/calibrate.ts";
import { crossvalidate } from "../../src/workflows/crossvalidate.ts";
import { evaluate } from "../../src/workflows/evaluate.ts";
import { explain } from "../../src/workflows/explain.ts";
import { exportModel } from "../../src/workflows/export.ts";
import { predict } from "../../src/workflows/predict.ts";
import { probe } from "../../src/workflows/probe.ts";
import { slide } from "../../src/workflows/slide.ts";
import { train, trainOptions } from "../../src/workflows/train.ts";
import { jsonOf, useFolder } from "../support/folder.ts";
import { refused } from "../support/refused.ts";
import { CASES, writeSidedDataset } from "./other_side_fixture.ts";
import { extractor, pixels } from "./probe/extractors.ts";
import { assertSameRun } from "./resume_fixture.ts";
import { probabilitiesIn } from "./slide/scored.ts";

const SETTINGS = { model: "compact", epochs: 1, batchSize: 8, schedule: "constant", threads: 2 } as const;
const inFolder = useFolder("other side");
const told: string[] = [];
const tell = (line: string) => void told.push(line);
const context = { reporter: { ...silent, warn: tell }, signal: new AbortController().signal };

/** The verbs in the folder of one side. */
function verbsIn(place: string) {
  const at = (...names: string[]) => join(place, ...names);
  const begin = (out: string, more: object = {}) =>
    train(trainOptions.parse({ dataset: at("dataset"), out: at(out), ...SETTINGS, ...more }), context);
  const goOn = (run: string, more: object = {}) => train(trainOptions.parse({ resume: at(run), ...more }), context);
  const score = (model: string, out: string, more: object = {}) =>
    slide(
      slideOptions.parse({ model: at(model), slides: [at(`${CASES.test}.png`)], out: at(out), minTissue: 0, ...more }),
      context,
    );
  /** predictions.csv by the patch's file below "patches", and by its place from 0. */
  const evaluated = (...names: string[]) => {
    const columns = ["id", "case", "x", "y", "label", "probability"] as const;
    const rows = fromCsv(readFileSync(at(...names, "predictions.csv"), "utf8"), columns, "predictions.csv");
    return rows.map((row) => ({
      file: at("patches", row.case, row.label, `${row.id}.png`),
      place: `${Number(row.x) - 1},${Number(row.y) - 1}`,
      probability: Number(row.probability),
    }));
  };
  const json = (...names: string[]) => jsonOf(at(...names));
  return { at, begin, goOn, score, evaluated, json };
}

for (const [side, size, squares] of [
  [96, { columns: 14, rows: 10 }, [16, 8]],
  [32, { columns: 6, rows: 5 }, [5, 3]],
] as const) {
  const { at, begin, goOn, score, evaluated, json } = verbsIn(inFolder(String(side)));

  describe(`records of ${side} pixels`, () => {
    before(async () => {
      await writeSidedDataset(at(), { side, ...size });
      await begin("run");
      await evaluate(evaluateOptions.parse({ model: at("run") }), context);
    });

    test("the run and the card say the sizes", () => {
      assert.equal(json("run", "run.json").options.inputSize, side);
      assert.equal(json("run", "run.json").engine, "fused");
      const metadata = onnxMetadata(readFileSync(at("run", "model.onnx")));
      assert.equal(metadata["cancernet.record_side"], String(side));
      assert.equal(metadata["cancernet.input_side"], String(side));
      assert.equal(json("run", "evaluation-test", "report.json").model.record_side, side);
      const page = readFileSync(at("run", "evaluation-test", "report.html"), "utf8");
      assert.match(page, new RegExp(`The pixels of one patch \\(${side} x ${side}, 8-bit RGB`));
    });

    test("predict gives each patch the probability that evaluate gives it", async () => {
      const rows = evaluated("run", "evaluation-test");
      const images = rows.map(({ file }) => file);
      const result = await predict(predictOptions.parse({ model: at("run"), images }), context);
      assert.deepEqual(
        result.predictions.map(({ probability }) => probability),
        rows.map(({ probability }) => probability),
      );
      assert.ok(new Set(rows.map(({ probability }) => probability)).size > rows.length / 2);
      assert.doesNotMatch(predictLines(result, {}).join("\n"), /resized/);
    });

    test("explain: the probability of predict, maps of the network's own size, squares in proportion", async () => {
      const first = evaluated("run", "evaluation-test")[0]!;
      const images = [first.file];
      const { report } = await explain(explainOptions.parse({ model: at("run"), images, out: at("why") }), context);
      assert.equal(report.patches[0]!.probability, first.probability);
      assert.equal(report.settings.input_pixels, side);
      assert.deepEqual([report.settings.square_pixels, report.settings.stride_pixels], squares);
      assert.equal(report.patches[0]!.resized_from, null);
      assert.ok((await decodeImage(at("why", "explain.png"), "explain.png")).width > 0);
      const options = { model: at("run"), images: [at(`${CASES.test}.png`)], out: at("where"), at: "0,0" };
      await assert.rejects(
        explain(explainOptions.parse(options), context),
        refused("slide-scale-unknown", "--patch-size-um"),
      );
      const { report: there } = await explain(explainOptions.parse({ ...options, scale: 1 }), context);
      const corner = evaluated("run", "evaluation-test").find(({ place }) => place === "0,0")!;
      assert.equal(there.patches[0]!.probability, corner.probability);
    });

    test("slide: each patch of the grid has evaluate's probability, and the metrics beside the labels are evaluate's", async () => {
      const rows = evaluated("run", "evaluation-test");
      const labels = at("dataset", "manifest.csv");
      const { outcomes } = await score("run", "scored", { scale: 1, labels, geojson: "cells" });
      const { grid, agreement } = outcomes[0]!.report!;
      assert.deepEqual([grid.patch, grid.stride], [side, side]);
      const found = probabilitiesIn(readFileSync(at("scored", "probabilities.csv"), "utf8"));
      for (const { place, probability } of rows) assert.equal(found.get(place), probability, place);
      assert.equal(agreement!.matched, rows.length);
      assert.deepEqual(agreement!.confusion, json("run", "evaluation-test", "report.json").confusion);
      const [[[left, top], , [right, bottom]]] = json("scored", "idc.geojson").features[0].geometry.coordinates;
      assert.deepEqual([right - left, bottom - top], [side, side]);
      // The same scale, by the width of a patch.
      await score("run", "by width", { patchSizeUm: side / 2, mpp: 0.5 });
      assert.deepEqual(
        readFileSync(at("by width", "probabilities.csv")),
        readFileSync(at("scored", "probabilities.csv")),
      );
    });

    test("slide refuses what leaves the scale open, and a stride that is too long", async () => {
      const open = new RegExp(
        `patches of ${side} x ${side} pixels, .* give --patch-size-um, .*--mpp or --objective.*--scale`,
      );
      for (const given of [{}, { mpp: 0.5 }, { objective: "20x" }]) {
        await assert.rejects(score("run", "refused", given), refused("slide-scale-unknown", open));
      }
      await assert.rejects(score("run", "refused", { patchSizeUm: 100 }), refused("slide-scale-unknown", "--mpp"));
      const most = new RegExp(
        `^--stride must be ${10 * side} at most, ten patches of ${side} pixels, and is ${10 * side + 1}`,
      );
      await assert.rejects(
        score("run", "refused", { scale: 1, stride: 10 * side + 1 }),
        refused("option-invalid", most),
      );
      assert.ok(!readdirSync(at()).includes("refused"));
    });

    test("a model that heeds neighbours finds them a record's side away, in a dataset as in a slide", async () => {
      const out = at("heeding.onnx");
      const { neighbourhood: fitted } = await addContext(addContextOptions.parse({ model: at("run"), out }), context);
      const { weights } = fitted;
      assert.equal(weights.length, 3);
      const given = { model: out, dataset: at("dataset"), out: at("heeding") };
      await evaluate(evaluateOptions.parse(given), context);
      // The grid's last cells hang over the slide, which no patch of the dataset does: patches beside them have other neighbours.
      const inside = {
        columns: Math.floor((50 * size.columns) / side) - 1,
        rows: Math.floor((50 * size.rows) / side) - 1,
      };
      await score("heeding.onnx", "scored heeding", { scale: 1 });
      const found = probabilitiesIn(readFileSync(at("scored heeding", "probabilities.csv"), "utf8"));
      let compared = 0;
      for (const { place, probability } of evaluated("heeding")) {
        const [column, row] = place.split(",").map((edge) => Number(edge) / side) as [number, number];
        if (column >= inside.columns || row >= inside.rows) continue;
        assert.equal(found.get(place), probability, place);
        compared++;
      }
      assert.equal(compared, inside.columns * inside.rows);
      const odd = new RegExp(
        `neighbours, which lie ${side} pixels away: --stride must divide that \\(${side}, ${side / 2}, `,
      );
      await assert.rejects(score("heeding.onnx", "refused", { scale: 1, stride: 5 }), refused("option-invalid", odd));
    });

    test("export: planes of the network's own size give the model's numbers", async () => {
      for (const input of ["patches", "images"] as const) {
        const options = exportOptions.parse({ model: at("run"), input, out: at(`${input}.onnx`) });
        assert.ok((await exportModel(options, context)).largest_difference < 1e-5);
      }
      const { file, probability } = evaluated("run", "evaluation-test")[0]!;
      const { data } = await decodeImage(file, file);
      const [pixels, session] = [side * side, await openOnnx(readFileSync(at("images.onnx")), { threads: 1 })];
      const planes = Float32Array.from(data, (_, k) => data[(k % pixels) * 3 + Math.floor(k / pixels)]! / 255);
      const { probability: output } = await session.run({ images: { data: planes, shape: [1, 3, side, side] } });
      await session.close();
      assert.ok(Math.abs((output!.data[0] as number) - probability) < 1e-5);
    });

    test("a training goes on to the bytes of an uninterrupted one; another size is refused, a forged one noticed", async () => {
      await begin("two", { epochs: 2 });
      cpSync(at("run"), at("on"), { recursive: true });
      rmSync(at("on", "evaluation-test"), { recursive: true });
      const other = new RegExp(`^--input-size is 48, but the run .* was started with ${side}`);
      await assert.rejects(goOn("on", { inputSize: 48 }), refused("run-mismatch", other));
      await goOn("on", { epochs: 2, inputSize: side });
      assertSameRun(at("on"), at("two"), "went on");
      const { inputSize: _, ...options } = json("on", "run.json").options;
      writeFileSync(at("on", "run.json"), JSON.stringify({ ...json("on", "run.json"), options }));
      const forged = new RegExp(`made with inputSize ${side}, but run\\.json says 48`);
      await assert.rejects(goOn("on", { epochs: 3 }), refused("run-damaged", forged));
    });

    test("the graph engine's training is the fused engine's but for rounding", async () => {
      // Until rounding has grown: a rate so small that the weights hardly move.
      const slow = { learningRate: 1e-5, views: 1 };
      await begin("fused", { ...slow, engine: "fused" });
      await begin("graph", { ...slow, engine: "graph" });
      const columns = ["loss", "val_loss"] as const;
      const [fused, graph] = ["fused", "graph"].map(
        (name) => fromCsv(readFileSync(at(name, "history.csv"), "utf8"), columns, name)[0]!,
      );
      for (const column of columns) {
        const [one, other] = [Number(fused![column]), Number(graph![column])];
        assert.ok(Math.abs(one - other) < 1e-3 * one, `${column}: ${one} and ${other}`);
      }
    });

    test("probe gives an extractor the records themselves, and says their side", async () => {
      const bytes = extractor({ type: "uint8", shape: ["batch", side, side, 3], features: pixels });
      writeFileSync(at("extractor.onnx"), bytes);
      const options = { dataset: at("dataset"), features: at("extractor.onnx"), out: at("probe") };
      const { report } = await probe(probeOptions.parse(options), context);
      assert.equal(report.model.record_side, side);
      assert.equal(json("probe", "probe.json").dataset.record_side, side);
      const features = new Float32Array(Uint8Array.from(readFileSync(at("probe", "features.bin"))).buffer);
      assert.deepEqual(features, Float32Array.from(readFileSync(at("dataset", "patches.bin"))));
    });

    test("models and datasets of different sides are refused where they meet", async () => {
      const no = new RegExp(
        `The model takes patches of 50 x 50 pixels, but those of .* have ${side} x ${side}: prepare .*--side 50, or`,
      );
      const dataset = at("dataset");
      await assert.rejects(
        evaluate(evaluateOptions.parse({ model: "idc", dataset, out: at("no") }), context),
        refused("patch-size-mismatch", no),
      );
      for (const [verb, options] of [
        [calibrate, calibrateOptions],
        [addContext, addContextOptions],
      ] as const) {
        const given = { model: "cancernet", dataset, out: at("no.onnx") };
        await assert.rejects(verb(options.parse(given) as never, context), refused("patch-size-mismatch", no));
      }
      assert.deepEqual(
        readdirSync(at()).filter((name) => name.startsWith("no")),
        [],
      );
    });
  });
}

describe("the size that the network sees", () => {
  const { at, begin, goOn, json } = verbsIn(inFolder("seen"));
  const small = { side: 32, columns: 6, rows: 5, classNames: ["benign", "malignant"] } as const;
  before(() => writeSidedDataset(at(), small));

  test("a larger one than the record's enlarges patches, with a warning; the usual one leaves no trace in run.json", async () => {
    told.length = 0;
    await begin("enlarged", { inputSize: 48, views: 1 });
    assert.match(
      told.join("\n"),
      /sees 48 x 48 pixels \(--input-size\), but a patch has 32 x 32: patches are enlarged/,
    );
    assert.ok(!("inputSize" in json("enlarged", "run.json").options));
    const metadata = onnxMetadata(readFileSync(at("enlarged", "model.onnx")));
    assert.deepEqual([metadata["cancernet.record_side"], metadata["cancernet.input_side"]], ["32", undefined]);
    assert.equal(metadata["cancernet.class_names"], "benign,malignant");
    await evaluate(evaluateOptions.parse({ model: at("enlarged") }), context);
    // It is a fact all the same: the default for these records would be 32.
    await assert.rejects(
      goOn("enlarged", { inputSize: 32 }),
      refused("run-mismatch", /^--input-size is 32, .* started with 48/),
    );
    await goOn("enlarged", { epochs: 2, inputSize: 48 });
  });

  test("places in another unit than pixels of the records have no neighbours, which is refused", async () => {
    await writeSidedDataset(at("far"), { ...small, unit: 2 });
    const given = { model: at("enlarged"), dataset: at("far", "dataset"), out: at("far.onnx") };
    await assert.rejects(
      addContext(addContextOptions.parse(given), context),
      refused("neighbours-missing", "32 pixels"),
    );
  });

  test("--summary shows the network for the dataset's records", async () => {
    const summary = await train(
      trainOptions.parse({ dataset: at("dataset"), model: "cancernet", summary: true }),
      context,
    );
    assert.match(trainLines(summary).join("\n"), /conv1 .* 32 x 32 x 32|\[32, 32, 32\]/);
  });

  test("a cross-validation keeps it, and refuses another when it goes on", async () => {
    const given = { dataset: at("dataset"), out: at("folds"), folds: 3, ...SETTINGS, views: 1 } as const;
    const { report } = await crossvalidate({ ...given, inputSize: 24 }, context);
    assert.equal(report.settings.inputSize, 24);
    assert.equal(json("folds", "fold-1", "run", "run.json").options.inputSize, 24);
    const again = (inputSize: number) => crossvalidate({ resume: at("folds"), inputSize }, context);
    await assert.rejects(
      again(48),
      refused("run-mismatch", /^--input-size is 48, but the cross-validation .* was started with 24/),
    );
    assert.deepEqual((await again(24)).report, report);
    const usual = { ...given, out: at("folds of 48"), inputSize: 48 };
    const { settings } = (await crossvalidate(usual, context)).report;
    assert.ok(!("inputSize" in settings));
    const metadata = onnxMetadata(readFileSync(at("folds of 48", "fold-2", "run", "model.onnx")));
    assert.deepEqual([metadata["cancernet.record_side"], metadata["cancernet.input_side"]], ["32", undefined]);
  });

  test("explain shows the network the very pixels that predict does, even if two are equally near", async () => {
    // From 32 to 24 pixels every third one lies between two.
    const model = at("folds", "fold-1", "run");
    const images = readdirSync(at("patches", CASES.test, "0")).map((name) => at("patches", CASES.test, "0", name));
    const [prediction] = (await predict(predictOptions.parse({ model, images: [images[0]!] }), context)).predictions;
    const given = { model, images: [images[0]!], out: at("why 24"), square: 12, stride: 12 };
    const { patches, settings } = (await explain(explainOptions.parse(given), context)).report;
    assert.equal(settings.input_pixels, 24);
    assert.equal(patches[0]!.probability, prediction!.probability);
  });
});
