/** "explain" on the package's models: the numbers of "predict", the spread over views, hidden squares, files, and wrong input. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { bundledModelPath } from "../../src/artifacts/bundled_models.ts";
import { modelFile, sealOnnx } from "../../src/artifacts/model_file.ts";
import { modelFileOf, openModelFile } from "../../src/artifacts/open_model.ts";
import { amendOnnx } from "../../src/engine/graph/onnx.ts";
import { MODELS } from "../../src/engine/models/table.ts";
import { VIEWS, viewsOfSquare } from "../../src/engine/models/views.ts";
import { initialize } from "../../src/engine/nn/initialize.ts";
import { cropImage } from "../../src/histology/image/crop.ts";
import { encodePng } from "../../src/histology/image/decode.ts";
import { resizeNearest } from "../../src/histology/image/resize.ts";
import { explainOptions } from "../../src/options/explain.ts";
import { predictOptions } from "../../src/options/predict.ts";
import { silent } from "../../src/util/reporter.ts";
import { explain } from "../../src/workflows/explain.ts";
import { predict } from "../../src/workflows/predict.ts";
import { assertNear } from "../golden/reference.ts";
import { context } from "../support/cohort.ts";
import { jsonOf, useFolder } from "../support/folder.ts";
import { CARD, cancernetAlone } from "../support/inputs.ts";
import { type Refusal, refused } from "../support/refused.ts";
import { syntheticCase, syntheticPatches } from "./explain_support.ts";

const slide = syntheticCase();
const AT = [100, 50] as const;
const at = useFolder("explain");
const images = [at("0.png"), at("1.png")];
let made = 0;

before(async () => {
  for (const [index, patch] of syntheticPatches(1).entries()) {
    writeFileSync(images[index]!, await encodePng(patch));
  }
  writeFileSync(at("slide.png"), await encodePng(slide));
  writeFileSync(at("cut.png"), await encodePng(cropImage(slide, { x: AT[0], y: AT[1], width: 50, height: 50 })));
  writeFileSync(at("text.txt"), "no picture");
  writeFileSync(at("views.onnx"), cancernetAlone());
});

/** Nine squares that touch each other: quickly done. */
const FEW_SQUARES = { square: 16, stride: 16 };

/** Explains into a new folder. */
async function explained(options: Record<string, unknown>) {
  const out = at(`out ${made++}`);
  const given = explainOptions.parse({ images, out, ...FEW_SQUARES, ...options });
  const { report } = await explain(given, context);
  return { report, out };
}

for (const model of ["cancernet", "idc"] as const) {
  test(`${model}: the probability is that of predict, to the bit, and the views' mean log odds agree with it`, async () => {
    const { report } = await explained({ model });
    const { predictions } = await predict(predictOptions.parse({ model, images }), context);
    for (const [index, patch] of report.patches.entries()) {
      const { probability, label } = predictions[index]!;
      assert.deepEqual([patch.probability, patch.label], [probability, label]);
      assertNear(patch.log_odds, Math.log(probability / (1 - probability)), 1e-4, "log odds");
      const { scale, offset } = report.model.calibration;
      assertNear(scale * patch.logit + offset, patch.log_odds, 1e-6, "logit");
      const used = patch.views.log_odds.slice(0, report.model.views);
      assertNear(used.reduce((sum, one) => sum + one, 0) / used.length, patch.log_odds, 1e-4, "mean of the views");
      assert.equal(patch.views.log_odds.length, VIEWS);
      assert.ok(patch.views.sd_log_odds > 0.01);
      assert.equal(patch.views.lowest_probability, Math.min(...patch.views.probabilities));
    }
    assert.equal(report.model.views, 1);
    assert.equal(report.model.uses_neighbours, true);
  });
}

/** A view of the patch at AT as an image of its own; its path. */
async function writeView(view: number): Promise<string> {
  const patch = cropImage(slide, { x: AT[0], y: AT[1], width: 50, height: 50 });
  const data = new Uint8Array(patch.data.length);
  for (const [index, place] of viewsOfSquare(50)[view]!.entries()) {
    data.set(patch.data.subarray(place * 3, place * 3 + 3), index * 3);
  }
  const file = at(`view ${view}.png`);
  writeFileSync(file, await encodePng({ width: 50, height: 50, data }));
  return file;
}

test("each view's probability is that of the turned patch as an image of its own", async () => {
  const { report } = await explained({ model: "idc", images: [at("cut.png")] });
  const files = await Promise.all(Array.from({ length: VIEWS }, (_, view) => writeView(view)));
  const { predictions } = await predict(predictOptions.parse({ model: "idc", images: files }), context);
  for (const [view, { probability }] of predictions.entries()) {
    assertNear(report.patches[0]!.views.probabilities[view]!, probability, 1e-5, `view ${view}`);
  }
});

test("turning the patch turns the map of a model that averages all views with it", async () => {
  const turn = 5;
  const { report } = await explained({ model: at("views.onnx"), images: [await writeView(0), await writeView(turn)] });
  const [first, turned] = report.patches.map((patch) => patch.grad_cam.flat()) as [number[], number[]];
  const largest = Math.max(...first.map(Math.abs));
  for (const [index, place] of viewsOfSquare(12)[turn]!.entries()) {
    assertNear(turned[index]!, first[place]!, 1e-4 * largest, `cell ${index}`);
  }
});

test("occlusion is the fall of the log odds of the image that has the square's place filled with the mean colour", async () => {
  const { report } = await explained({ model: "cancernet", images: [at("cut.png")] });
  assert.deepEqual(report.settings.square_edges, [0, 16, 32]);
  const image = resizeNearest(cropImage(slide, { x: AT[0], y: AT[1], width: 50, height: 50 }), 48, 48);
  const mean = [0, 1, 2].map((channel) => {
    const values = image.data.filter((_, index) => index % 3 === channel);
    return Math.round(values.reduce((sum, value) => sum + value, 0) / values.length);
  });
  const bytes = readFileSync(bundledModelPath("cancernet")!);
  const { classifier } = await openModelFile(modelFileOf(bytes, "cancernet"), { threads: 1 }, 48);
  for (const [row, column] of [
    [0, 0],
    [1, 2],
    [2, 1],
  ] as const) {
    const hidden = image.data.map((value, index) => {
      const [y, x] = [Math.floor(index / (48 * 3)), Math.floor(index / 3) % 48];
      return Math.floor(y / 16) === row && Math.floor(x / 16) === column ? mean[index % 3]! : value;
    });
    const { probabilities } = await classifier.classify(1, (_, __, into) => into.set(hidden));
    const probability = probabilities[0]!;
    const expected = report.patches[0]!.log_odds - Math.log(probability / (1 - probability));
    assertNear(report.patches[0]!.occlusion[row]![column]!, expected, 1e-4, `square ${row}, ${column}`);
  }
  await classifier.close();
});

test("the same model and patches give the same bytes, whatever the threads; another layer gives another map", async () => {
  const [one, two] = [await explained({ model: "idc", threads: 1 }), await explained({ model: "idc", threads: 2 })];
  assert.deepEqual(readdirSync(one.out).sort(), ["explain.json", "explain.png"]);
  for (const file of readdirSync(one.out)) {
    assert.ok(readFileSync(join(one.out, file)).equals(readFileSync(join(two.out, file))), file);
  }
  assert.deepEqual(jsonOf(join(one.out, "explain.json")), one.report);
  const { report } = await explained({ model: "idc", layer: "conv7" });
  assert.deepEqual([one.report.settings.layer, report.settings.layer], ["conv5", "conv7"]);
  assert.deepEqual([one.report.patches[0]!.grad_cam.length, report.patches[0]!.grad_cam.length], [12, 6]);
  assert.deepEqual(report.patches[0]!.occlusion, one.report.patches[0]!.occlusion);
});

test("--at takes the patch at its place in a larger image", async () => {
  const { report } = await explained({ model: "idc", images: [at("slide.png")], at: AT.join(",") });
  const { report: cut } = await explained({ model: "idc", images: [at("cut.png")] });
  assert.deepEqual({ ...report.patches[0], file: "", at: null }, { ...cut.patches[0], file: "" });
  assert.deepEqual(report.patches[0]!.at, AT);
  const { report: whole } = await explained({ model: "idc", images: [at("slide.png")] });
  assert.deepEqual(whole.patches[0]!.resized_from, [slide.width, slide.height]);
});

/** Options that are refused, and what the sentence says. */
const REFUSED: readonly [string, () => Record<string, unknown>, Refusal][] = [
  [
    "an unknown layer",
    () => ({ layer: "conv9" }),
    refused("option-invalid", /"conv9".* conv1 \(48 x 48\), .*conv7 \(6 x 6\)/),
  ],
  ["a layer that is none", () => ({ layer: "norm1" }), refused("option-invalid", '"norm1"')],
  ["a text as an image", () => ({ images: [at("text.txt")] }), refused("image-unsupported", "text.txt")],
  ["a missing image", () => ({ images: [at("nothing.png")] }), refused("image-missing", "nothing.png")],
  ["a folder as an image", () => ({ images: [at()] }), refused("path-is-folder")],
  [
    "a place outside",
    () => ({ images: [at("slide.png")], at: "100000,0" }),
    refused("option-invalid", /100000,0 .*slide\.png/),
  ],
  ["a place in several images", () => ({ at: "0,0" }), refused("options-conflict", "--at")],
  [
    "a place beside a patch",
    () => ({ images: [at("0.png")], at: "50,0" }),
    refused("option-invalid", "X from 0 to 49"),
  ],
  ["a scale without a place", () => ({ images: [at("0.png")], scale: 2 }), refused("options-conflict", "--at")],
  [
    "two scales",
    () => ({ images: [at("slide.png")], at: "0,0", scale: 2, patchSizeUm: 100 }),
    refused("options-conflict"),
  ],
  ["too large a square", () => ({ square: 49 }), refused("option-invalid", "--square is 49")],
  ["gaps between squares", () => ({ square: 4, stride: 5 }), refused("option-invalid", "--stride 5")],
  ["a text as the model", () => ({ model: at("text.txt") }), refused("model-damaged", "text.txt")],
];

for (const [title, options, refusal] of REFUSED) {
  test(`${title} is refused in one sentence, and nothing is written`, async () => {
    const out = at("refused");
    await assert.rejects(explain(explainOptions.parse({ model: "idc", images, out, ...options() }), context), refusal);
    assert.ok(!readdirSync(at()).includes("refused"));
  });
}

test("a model of an unknown architecture, or with the arrays of another, is refused", async () => {
  const called = (name: string) => {
    const renamed = { ...MODELS.compact, name };
    writeFileSync(at("called.onnx"), modelFile({ model: renamed, arrays: initialize(MODELS.compact, 1) }, CARD));
    return explained({ model: at("called.onnx") });
  };
  await assert.rejects(called("resnet"), refused("model-unsupported", "resnet"));
  await assert.rejects(called("cancernet"), refused("model-damaged", "cancernet"));
});

test("a file whose graph says something else than its arrays is refused", async () => {
  const bytes = readFileSync(bundledModelPath("idc")!);
  const metadata = { "cancernet.views": "8" };
  writeFileSync(at("lies.onnx"), sealOnnx(amendOnnx(bytes, { arrays: new Map(), metadata })));
  await assert.rejects(explained({ model: at("lies.onnx") }), refused("model-damaged", "log odds"));
});

for (const views of [2, 4, 8]) {
  test(`a model that averages ${views} views is explained by these`, async () => {
    const file = at(`views ${views}.onnx`);
    writeFileSync(file, modelFile({ model: MODELS.compact, arrays: initialize(MODELS.compact, 1), views }, CARD));
    const { report } = await explained({ model: file });
    assert.equal(report.model.uses_neighbours, false);
    const [{ log_odds, views: spread }] = report.patches as [(typeof report.patches)[number]];
    assertNear(spread.log_odds.slice(0, views).reduce((sum, one) => sum + one, 0) / views, log_odds, 1e-5, "mean");
    assert.notEqual(spread.log_odds[0], spread.log_odds[1]);
  });
}

test("a stop leaves nothing behind", async () => {
  const controller = new AbortController();
  controller.abort(new Error("stopped"));
  const out = at("stopped");
  const options = explainOptions.parse({ model: "idc", images: [at("0.png")], out });
  await assert.rejects(explain(options, { reporter: silent, signal: controller.signal }), /stopped/);
  assert.ok(!readdirSync(at()).includes("stopped"));
});
