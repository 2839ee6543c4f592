/** Names out of files in every verb that prints names: a terminal is shown them written out, and no name breaks a row. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { before, test } from "node:test";
import { bundledModelPath } from "../../src/artifacts/bundled_models.ts";
import { sealOnnx } from "../../src/artifacts/model_file.ts";
import { Graph } from "../../src/engine/graph/graph.ts";
import { amendOnnx, toOnnx } from "../../src/engine/graph/onnx.ts";
import { MODELS } from "../../src/engine/models/table.ts";
import { reduceMean } from "../../src/engine/ops/reduction.ts";
import { encodePng } from "../../src/histology/image/decode.ts";
import { visible } from "../../src/util/terminal_text.ts";
import { oldFile } from "../engine/keras/files.ts";
import { kerasNetwork } from "../engine/keras/network.ts";
import { drawCohort } from "../support/cohort.ts";
import { cancernet, type Ended } from "../support/command.ts";
import { useFolder } from "../support/folder.ts";
import { syntheticCase, syntheticPatches } from "../workflows/explain_support.ts";
import { renameClasses } from "../workflows/renamed.ts";

/** Colours, a cleared screen by C1, DEL, a turned direction, an isolate, line and paragraph separators, a tab and a line end. */
const HOSTILE = "n\u001b[31m\u009b2J\u007f\u202ea\u2066m\u2028e\u2029\t\n1";
const SHOWN = visible(HOSTILE);
/** In a sentence a line end is a space, with the white space around it. */
const IN_A_SENTENCE = visible("n\u001b[31m\u009b2J\u007f\u202ea\u2066m\u2028e 1");
/** As much of it as the name of a dataset's class may hold. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is left out.
const CLASS = HOSTILE.replace(/[\u0000-\u001f\u007f]/g, "");
const OBEYED = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;
/** What the reporter itself sends: the begin of the line, erase the line, erase its rest. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const OWN_CODES = /\r|\u001b\[2?K/g;

const at = useFolder("names");

const TERMINAL = { outIsTTY: true, errIsTTY: true, columns: 80 };

function assertHarmless(text: string): void {
  for (const line of text.replace(OWN_CODES, "").split("\n")) assert.doesNotMatch(line, OBEYED);
}

/** What a terminal is shown. */
async function shownBy(...args: string[]): Promise<Ended> {
  const result = await cancernet(args, TERMINAL);
  assertHarmless(result.out);
  assertHarmless(result.err);
  assert.doesNotMatch(result.err, /bug in cancernet/);
  return result;
}

before(async () => {
  const [patch] = syntheticPatches(1);
  const png = await encodePng(patch!);
  for (const name of ["plain", HOSTILE]) writeFileSync(at(`${name}.png`), png);
  writeFileSync(at(`slide ${HOSTILE}.png`), await encodePng(syntheticCase()));
  await drawCohort(at, { seed: 3, cases: 6, patchesPerCase: 30 });
  assert.equal((await shownBy("prepare", at("patches"), "--out", at("dataset"))).code, 0);
  const sound = readFileSync(bundledModelPath("idc")!);
  const metadata = {
    "cancernet.class_names": `no ${HOSTILE},${HOSTILE}`,
    "cancernet.threshold_rule": HOSTILE,
    "cancernet.recipe": HOSTILE,
    "cancernet.software": HOSTILE,
  };
  writeFileSync(at(`${HOSTILE}.onnx`), sealOnnx(amendOnnx(sound, { arrays: new Map(), metadata })));
  const ofDataset = { ...metadata, "cancernet.class_names": `no ${CLASS},${CLASS}` };
  writeFileSync(at(`own ${HOSTILE}.onnx`), sealOnnx(amendOnnx(sound, { arrays: new Map(), metadata: ofDataset })));
  cpSync(at("dataset"), at("named"), { recursive: true });
  await renameClasses(at("named"), [`no ${CLASS}`, CLASS]);
});

const model = () => at(`${HOSTILE}.onnx`);
/** Of the classes of the dataset "named". */
const ownModel = () => at(`own ${HOSTILE}.onnx`);

test("predict: the table has a row per image, with the name and the class written out", async () => {
  const { code, out } = await shownBy("predict", model(), at("plain.png"), at(`${HOSTILE}.png`));
  assert.equal(code, 0);
  const lines = out.trimEnd().split("\n");
  assert.equal(lines.length, 5);
  assert.ok(lines[3]!.includes(`${SHOWN}.png`) && /n\\u001b\[31m.*n\\u001b\[31m/.test(lines[3]!), lines[3]);
});

test("predict --csv and --json: written out on a terminal, true in a file", async () => {
  const files = [at("plain.png"), at(`${HOSTILE}.png`)];
  for (const format of ["--csv", "--json"]) {
    const { out } = await shownBy("predict", "idc", ...files, format);
    assert.equal(out.trimEnd().split("\n").length, format === "--csv" ? 3 : 2);
    assert.ok(out.includes(SHOWN));
  }
  const json = (await shownBy("predict", "idc", files[1]!, "--json")).out;
  assert.equal(JSON.parse(json).file, files[1]);
  assert.ok((await cancernet(["predict", "idc", files[1]!, "--csv"])).out.includes(`\n"${files[1]}",`));
});

test("an image that cannot be read, and a path that does not exist", async () => {
  writeFileSync(at(`bad ${HOSTILE}.png`), "no picture");
  const bad = await shownBy("predict", "idc", at("plain.png"), at(`bad ${HOSTILE}.png`));
  assert.ok(bad.err.includes(`bad ${IN_A_SENTENCE}`));
  assert.ok((await shownBy("predict", HOSTILE, at("plain.png"))).err.includes(IN_A_SENTENCE));
  assert.ok((await shownBy("predict", "idc", at("plain.png"), "--device", HOSTILE)).err.includes("device"));
  assert.ok((await shownBy(HOSTILE)).err.includes(IN_A_SENTENCE));
});

test("prepare: a source without a patch names one of its files; an output folder is named", async () => {
  mkdirSync(at("source"));
  writeFileSync(at("source", `${HOSTILE}.png`), "no picture");
  const { code, err } = await shownBy("prepare", at("source"), "--out", at("none"));
  assert.equal(code, 2);
  assert.ok(err.includes(IN_A_SENTENCE), err);
  const { out } = await shownBy("prepare", at("patches"), "--out", at(`dataset ${HOSTILE}`));
  assert.ok(out.includes(SHOWN));
});

test("evaluate, compare: a model's facts, a run's name, a folder's name", async () => {
  for (const out of ["one", `two ${HOSTILE}`]) {
    const told = await shownBy("evaluate", ownModel(), "--dataset", at("named"), "--out", at(out));
    assert.equal(told.code, 0, told.err);
    assert.ok(told.out.includes(SHOWN));
    // The classification report and the confusion matrix keep their rows.
    assert.ok(told.out.split("\n").some((line) => /^ *no n\[31m\\u009b.*\d$/.test(line)));
  }
  for (const json of [[], ["--json"]]) {
    const told = await shownBy("compare", at("one"), at(`two ${HOSTILE}`), ...json);
    assert.ok(told.out.includes(SHOWN));
  }
  const other = await shownBy("evaluate", model(), "--dataset", at("named"), "--out", at("three"));
  assert.equal(other.code, 2);
  assert.ok(
    other.err.includes(`"no ${IN_A_SENTENCE}"`) && other.err.includes(`"no ${visible(CLASS).slice(0, 12)}`),
    other.err,
  );
});

test("train, crossvalidate: the run's folder", async () => {
  const settings = ["--epochs", "1", "--model", "compact", "--views", "1"];
  const trained = await shownBy("train", at("dataset"), "--out", at(`run ${HOSTILE}`), ...settings);
  assert.equal(trained.code, 0, trained.err);
  assert.ok(trained.out.includes(SHOWN));
  const folds = await shownBy("crossvalidate", at("dataset"), "--out", at("dataset", HOSTILE), "--folds", "9999");
  assert.equal(folds.code, 2);
});

test("calibrate, add-context, export: the file that is written", async () => {
  const out = at(`out ${HOSTILE}.onnx`);
  for (const args of [
    ["calibrate", ownModel(), "--dataset", at("named")],
    ["add-context", "cancernet", "--dataset", at("dataset")],
    ["export", model()],
  ]) {
    const told = await shownBy(...args, "--out", out, "--overwrite");
    assert.equal(told.code, 0, told.err);
    assert.ok(told.out.includes(SHOWN));
  }
});

test("explain: an image's name, in the picture too; a layer that there is not", async () => {
  const told = await shownBy("explain", model(), at(`${HOSTILE}.png`), "--out", at("why"), "--stride", "8");
  assert.equal(told.code, 0, told.err);
  assert.ok(told.out.includes(SHOWN));
  const { err } = await shownBy("explain", "idc", at("plain.png"), "--layer", HOSTILE, "--out", at("no"));
  assert.ok(err.includes(IN_A_SENTENCE));
});

test("slide: a slide's name in its progress, its messages and the table of several; a case of the labels", async () => {
  const slide = at(`slide ${HOSTILE}.png`);
  const alone = await shownBy("slide", model(), slide, "--scale", "1", "--out", at("scored"));
  assert.equal(alone.code, 0, alone.err);
  assert.ok(alone.err.includes(SHOWN.slice(-12)));
  const both = await shownBy("slide", "idc", slide, at("plain.png"), "--scale", "1", "--out", at(`both ${HOSTILE}`));
  assert.ok(both.out.split("\n").filter((line) => line.includes(`slide ${SHOWN}.png  `)).length > 0, both.out);
  writeFileSync(at("labels.csv"), "case,x,y,class\na,1,1,0\n");
  const labels = ["--labels", at("labels.csv"), "--case", HOSTILE, "--scale", "1"];
  const wrong = await shownBy("slide", "idc", slide, ...labels, "--out", at("wrong"));
  assert.ok(wrong.err.includes(IN_A_SENTENCE));
});

test("probe: a tensor's name in an ONNX file", async () => {
  const graph = new Graph();
  const images = graph.input(HOSTILE, "float32", [1, 3, 12, 12]);
  graph.output(`features ${HOSTILE}`, reduceMean(images, [2]));
  writeFileSync(at(`extractor ${HOSTILE}.onnx`), toOnnx(graph));
  const args = ["probe", at("dataset"), "--features", at(`extractor ${HOSTILE}.onnx`), "--out", at("probe")];
  assert.ok((await shownBy(...args)).err.includes(IN_A_SENTENCE));
  assert.ok((await shownBy(...args, "--output", `other ${HOSTILE}`)).err.includes(IN_A_SENTENCE));
});

test("import: a layer's name in a file of Keras", async () => {
  const { layers } = await kerasNetwork(MODELS.cancernet, 1);
  const renamed = layers.map((layer, index) => (index === 0 ? { ...layer, name: HOSTILE } : layer));
  writeFileSync(at(`weights ${HOSTILE}.h5`), await oldFile(renamed));
  const { err, out } = await shownBy("import", at(`weights ${HOSTILE}.h5`), "--out", at("imported.onnx"));
  assert.ok((err + out).includes("n\\u001b"));
  const wrong = await shownBy("import", at(`weights ${HOSTILE}.h5`), "--model", "compact", "--out", at("no.onnx"));
  assert.ok(wrong.err.includes(IN_A_SENTENCE), wrong.err);
});
