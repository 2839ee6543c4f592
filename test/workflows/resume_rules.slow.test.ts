/** What --resume takes and refuses, and how a training ends that is stopped, runs into a full disk or meets another process. */

import assert from "node:assert/strict";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/artifacts/checkpoint.ts";
import { readModelFile } from "../../src/artifacts/open_model.ts";
import { onnxArrays } from "../../src/engine/graph/read_onnx.ts";
import { modelFor } from "../../src/engine/models/table.ts";
import { parametersOf } from "../../src/engine/nn/model.ts";
import { calibrateOptions } from "../../src/options/calibrate.ts";
import { prepareOptions } from "../../src/options/prepare.ts";
import { augmentationSettings } from "../../src/options/training/augmentations.ts";
import { withRunLock } from "../../src/system/folder_lock.ts";
import { fromCsv } from "../../src/util/csv.ts";
import { calibrate } from "../../src/workflows/calibrate.ts";
import { evaluate } from "../../src/workflows/evaluate.ts";
import { prepare } from "../../src/workflows/prepare.ts";
import { train, trainOptions } from "../../src/workflows/train.ts";
import { checkpointBytes } from "../artifacts/checkpoint_bytes.ts";
import { context } from "../support/cohort.ts";
import { jsonOf } from "../support/folder.ts";
import { type Refusal, refused } from "../support/refused.ts";
import { assertSameRun, signalAtPatch, trainProcess, useDataset } from "./resume_fixture.ts";

const at = useDataset(async () => {
  await begin(at("three"), { epochs: 3 });
  await begin(at("two"), { epochs: 2 });
});
/** Runs of earlier versions kept the best epoch, so all runs here do unless a test says otherwise. */
const OPTIONS = { batchSize: 12, schedule: "constant", keep: "best", threads: 1 } as const;
/** The same options and two epochs, for a process. */
const FLAGS = "--epochs 2 --batch-size 12 --schedule constant --keep best".split(" ");
const run = (given: Parameters<typeof trainOptions.parse>[0]) => train(trainOptions.parse(given), context);
const begin = (out: string, more: object = {}) => run({ dataset: at("dataset"), out, ...OPTIONS, ...more });
const read = (...names: string[]) => readFileSync(at(...names));

/** A copy of the run of two epochs. */
function copyOfTwo(name: string): string {
  cpSync(at("two"), at(name), { recursive: true });
  return at(name);
}

test("a finished run that goes on changes nothing; with more epochs it becomes the longer run", async () => {
  const folder = copyOfTwo("raised");
  await run({ resume: folder });
  assertSameRun(folder, at("two"), "nothing to do");
  await run({ resume: folder, epochs: 3, threads: 2 });
  assertSameRun(folder, at("three"), "one epoch more");
});

test("--keep last: model.onnx has the weights of the last epoch, and says so", async () => {
  await begin(at("last"), { epochs: 2, keep: "last" });
  const { kept, best_epoch } = jsonOf(at("last", "run.json"));
  assert.deepEqual(kept, { keep: "last", epochs: [2], val_auroc: kept.val_auroc });
  assert.equal(best_epoch, jsonOf(at("two", "run.json")).best_epoch);
  assert.deepEqual(onnxArrays(read("last", "model.onnx")), onnxArrays(read("two", "last.onnx")));
  assert.deepEqual(read("last", "last.onnx"), read("two", "last.onnx"));
  assert.deepEqual(keptColumn("last"), ["", "last"]);
  await assert.rejects(
    run({ resume: at("last"), keep: "best" }),
    refused("run-mismatch", /^--keep is best, but .* last/),
  );
});

test("--keep average: the mean of the weights after the last epochs, measured anew, calibrated for itself", async () => {
  await begin(at("mean"), { epochs: 3, keep: "average" });
  const { kept, options } = jsonOf(at("mean", "run.json"));
  assert.deepEqual([options.keep, kept.keep, kept.epochs], ["average", "average", [2, 3]]);
  assert.deepEqual(keptColumn("mean"), ["", "average", "average"]);
  assert.deepEqual(read("mean", "last.onnx"), read("three", "last.onnx"));
  const [second, third, mean] = [at("two", "last.onnx"), at("three", "last.onnx"), at("mean", "model.onnx")].map(
    (path) => onnxArrays(readFileSync(path)),
  );
  const weights = parametersOf(modelFor("cancernet", 48)).filter(({ role }) => role === "weight");
  for (const { name } of weights) {
    const [one, other] = [second!.get(name)!, third!.get(name)!];
    const found = mean!.get(name)!;
    for (const [place, value] of found.entries()) {
      const expected = (one[place]! + other[place]!) / 2;
      assert.ok(Math.abs(value - expected) <= 1e-6 * Math.max(1, Math.abs(expected)), `${name} ${place}`);
    }
  }
  const { card } = await readModelFile({ modelPath: at("mean", "model.onnx"), place: "it" });
  assert.deepEqual([card.epoch, card.mean_from, card.kept], [3, 2, "average"]);
  // The threshold and the temperature are those that calibrate fits to the same weights.
  const again = await calibrate(
    calibrateOptions.parse({ model: at("mean"), out: at("again.onnx"), threads: 1 }),
    context,
  );
  assert.ok(Math.abs(again.temperature - card.temperature) < 1e-3 && Math.abs(again.threshold - card.threshold) < 1e-3);
  const { report } = await evaluate({ model: at("mean"), split: "val", threads: 1 }, context);
  assert.equal(report.metrics.auroc.value, kept.val_auroc);
  assert.deepEqual(report.training?.kept, kept);
});

test("--keep average in parts: an unfinished run keeps its last epoch; the end has the bytes of the whole", async () => {
  await begin(at("parts"), { epochs: 1, keep: "average" });
  await run({ resume: at("parts"), epochs: 3 });
  assertSameRun(at("parts"), at("mean"), "one epoch, then three");
  await assert.rejects(
    run({ resume: at("parts"), epochs: 4 }),
    refused(
      "run-mismatch",
      /from epoch 3 on, but the run holds the mean from epoch 2 on: raise --epochs to at least 5,/,
    ),
  );
  assertSameRun(at("parts"), at("mean"), "refused");
  rmSync(at("parts", "model.onnx"));
  await run({ resume: at("parts") });
  assertSameRun(at("parts"), at("mean"), "model.onnx was lost");
  const folder = at("stopped in the tail");
  const flags = "--epochs 3 --batch-size 12 --schedule constant --keep average".split(" ");
  const script = signalAtPatch(200, ["SIGKILL"]);
  const { killedBy } = await trainProcess([at("dataset"), "--out", folder, ...flags], { preload: script });
  assert.equal(killedBy, "SIGKILL");
  const { card } = await readModelFile({ modelPath: join(folder, "model.onnx"), place: "it" });
  assert.deepEqual([card.kept, card.mean_from], ["last", undefined]);
  const on = await trainProcess(["--resume", folder]);
  assert.match(
    on.stdout,
    /Kept in .*model\.onnx: the mean of the weights after epochs 2 to 3 of 3 \(validation AUROC /,
  );
  assertSameRun(folder, at("mean"), "killed in the tail");
});

/** The column "kept" of a run's history. */
const keptColumn = (name: string) =>
  fromCsv(readFileSync(at(name, "history.csv"), "utf8"), ["kept"], "history.csv").map(({ kept }) => kept);

test("files that were lost after their checkpoint was written come back", async () => {
  const folder = copyOfTwo("lost");
  for (const name of ["last.onnx", "history.csv", "plot.png"]) rmSync(join(folder, name));
  await run({ resume: folder });
  assertSameRun(folder, at("two"), "files were lost");
});

test("a damaged checkpoint is named, and the epoch that it held is trained again", async () => {
  const folder = copyOfTwo("damaged");
  // Two epochs: the first file holds the end of the first, the second the end of the second.
  const path = join(folder, "checkpoint-2.bin");
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 4;
  writeFileSync(path, bytes);
  const warnings: string[] = [];
  const reporter = { ...context.reporter, warn: (line: string) => warnings.push(line) };
  await train(trainOptions.parse({ resume: folder }), { ...context, reporter });
  assert.match(warnings.join("\n"), /^the checkpoint .*checkpoint-2\.bin is damaged.*the end of epoch 1\.$/);
  assertSameRun(folder, at("two"), "the newest checkpoint was damaged");
});

test("what does not agree with the run is refused in a sentence that names it", async () => {
  const folder = at("two");
  const cases: [object, Refusal][] = [
    [{ seed: 7 }, refused("run-mismatch", /^--seed is 7, but the run .* was started with 42/)],
    [{ recipe: "tutorial" }, refused("run-mismatch", /^--recipe is tutorial, but the run .* was started with default/)],
    [{ learningRate: 0.5 }, refused("run-mismatch", /^--learning-rate is 0\.5, but .* 0\.002/)],
    [{ batchSize: 13 }, refused("run-mismatch", /^--batch-size is 13, but .* 12/)],
    [{ engine: "graph" }, refused("run-mismatch", /^--engine is graph, but .* fused/)],
    [{ device: "webgpu" }, refused("run-mismatch", /^--device is webgpu, but .* cpu/)],
    [{ epochs: 1 }, refused("run-mismatch", /^--epochs is 1, .* may be raised, not lowered/)],
    [{ out: at("elsewhere") }, refused("options-conflict", "--out")],
  ];
  for (const [given, refusal] of cases) await assert.rejects(run({ resume: folder, ...given }), refusal);
  await run({ resume: folder, seed: 42, recipe: "default", engine: "auto", device: "auto", dataset: at("dataset") });
  await assert.rejects(run({ resume: at("dataset") }), refused("run-missing"));
  await assert.rejects(run({ resume: at("nowhere") }), refused("run-missing"));
});

test("another dataset is refused, the same one in another place is taken", async () => {
  const folder = copyOfTwo("moved");
  await prepare(prepareOptions.parse({ source: at("patches"), out: at("other"), split: "patch" }), context);
  await assert.rejects(run({ resume: folder, dataset: at("other") }), refused("dataset-mismatch", "other"));
  cpSync(at("dataset"), at("dataset again"), { recursive: true });
  await run({ resume: folder, dataset: at("dataset again") });
  assert.deepEqual(read("moved", "model.onnx"), read("two", "model.onnx"));
});

test("a description that was changed does not pass for the checkpoints' training", async () => {
  const folder = copyOfTwo("forged");
  const text = readFileSync(join(folder, "run.json"), "utf8");
  writeFileSync(join(folder, "run.json"), text.replace('"seed": 42', '"seed": 43'));
  await assert.rejects(run({ resume: folder }), refused("run-damaged", /seed 42, .* says 43/));
});

test("a run of an earlier version, which wrote the augmentation's name alone, goes on; another range is refused", async () => {
  const folder = copyOfTwo("earlier");
  const ranges = Object.keys(augmentationSettings.shape);
  const without = (values: object) =>
    Object.fromEntries(Object.entries(values).filter(([name]) => !ranges.includes(name)));
  const description = jsonOf(join(folder, "run.json"));
  assert.equal(description.options.rotation, 20);
  const options = without(description.options);
  writeFileSync(join(folder, "run.json"), JSON.stringify({ ...description, options }));
  for (const name of ["checkpoint-1.bin", "checkpoint-2.bin"]) {
    const checkpoint = decodeCheckpoint(readFileSync(join(folder, name)));
    assert.equal(checkpoint.facts.verticalFlip, true);
    const facts = without(checkpoint.facts) as typeof checkpoint.facts;
    writeFileSync(join(folder, name), encodeCheckpoint({ ...checkpoint, facts }));
  }
  await assert.rejects(
    run({ resume: folder, rotation: 5 }),
    refused("run-mismatch", /^--rotation is 5, but the run .* was started with 20/),
  );
  await assert.rejects(
    run({ resume: folder, verticalFlip: false }),
    refused("run-mismatch", /^--vertical-flip is false, but/),
  );
  await run({ resume: folder, epochs: 3, rotation: 20, fill: "nearest" });
  assertSameRun(folder, at("three"), "begun by an earlier version");
});

/** The description and the first checkpoint, but for its arrays, of a run of "two" by version 0.1.0. */
const EARLIER = JSON.parse(readFileSync(new URL("run_0_1_0.json", import.meta.url), "utf8"));

/** That run after its first epoch, with other values of settings if they are given. */
function earlierRun(name: string, inRun: object = {}, inCheckpoint: object = inRun): string {
  const folder = copyOfTwo(name);
  const { "run.json": description, checkpoint } = EARLIER;
  const options = { ...description.options, ...inRun };
  writeFileSync(join(folder, "run.json"), JSON.stringify({ ...description, options }));
  const { arrays } = decodeCheckpoint(readFileSync(join(folder, "checkpoint-1.bin")));
  const facts = { ...checkpoint.facts, ...inCheckpoint };
  writeFileSync(join(folder, "checkpoint-1.bin"), checkpointBytes(1, { ...checkpoint, facts }, arrays));
  rmSync(join(folder, "checkpoint-2.bin"));
  return folder;
}

test("a run of version 0.1.0 goes on if its settings that are gone did nothing", async () => {
  const folder = earlierRun("of 0.1.0");
  await run({ resume: folder });
  // That version averaged eight views by default.
  await begin(at("eight views"), { epochs: 2, views: 8 });
  assertSameRun(folder, at("eight views"), "begun by 0.1.0");
});

test("a run with a setting that is gone is refused by its name, and its model still answers", async () => {
  const cases: [object, string][] = [
    [{ sampling: "cases" }, "sampling cases"],
    [{ labelSmoothing: 0.1 }, "labelSmoothing 0.1"],
    [{ averaging: 1 }, "averaging 1"],
    [{ augment: "turns+strong-stain", stainJitter: 0.15 }, "augment turns+strong-stain"],
  ];
  for (const [index, [settings, words]] of cases.entries()) {
    const folder = earlierRun(`gone ${index}`, settings);
    const sentence = new RegExp(`^Cannot go on: the run .* was started with ${words.replace("+", ".")}, .* --out\\.$`);
    await assert.rejects(run({ resume: folder }), refused("setting-removed", sentence));
    const { report } = await evaluate({ model: folder, threads: 1 }, context);
    assert.deepEqual(report.training?.settings, { ...EARLIER["run.json"].options, ...settings });
    const forged = earlierRun(`forged ${index}`, {}, settings);
    await assert.rejects(
      run({ resume: forged }),
      refused("setting-removed", new RegExp(`^The checkpoints in .* were made with ${words.replace("+", ".")}, `)),
    );
  }
});

test("a run with ranges of its own goes on with them, and a changed range is noticed", async () => {
  const own = {
    rotation: 90,
    widthShift: 0.3,
    horizontalFlip: false,
    fill: "constant",
    fillValue: 255,
    stainJitter: 0,
  };
  await begin(at("own"), { ...own, epochs: 2 });
  await begin(at("own in turns"), { ...own, epochs: 1 });
  await run({ resume: at("own in turns"), epochs: 2 });
  assertSameRun(at("own in turns"), at("own"), "in turns");
  assert.notDeepEqual(read("own", "last.onnx"), read("two", "last.onnx"));
  const text = readFileSync(at("own", "run.json"), "utf8");
  writeFileSync(at("own", "run.json"), text.replace('"fillValue": 255', '"fillValue": 254'));
  await assert.rejects(run({ resume: at("own") }), refused("run-damaged", /fillValue 255, .* says 254/));
  await assert.rejects(begin(at("no"), { fillValue: 9 }), refused("options-conflict", "--fill-value"));
});

test("a second process in the same run is refused, and the first one's end frees it", async () => {
  const folder = copyOfTwo("locked");
  await withRunLock(folder, "run.lock", async () => {
    const { code, stderr } = await trainProcess(["--resume", folder]);
    assert.equal(code, 2);
    assert.match(stderr, /^cancernet: Another process is at work in .*locked.*\n$/);
  });
  await run({ resume: folder });
});

const skip = process.platform === "win32" && "Windows knows no signals";
const CODES = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const;
for (const [signal, code] of CODES) {
  test(`${signal} saves a checkpoint, says how to go on and ends with ${code}`, { skip }, async () => {
    const folder = at(`stopped by ${signal}`);
    const begun = [at("dataset"), "--out", folder, ...FLAGS];
    const ended = await trainProcess(begun, { preload: signalAtPatch(40, [signal]) });
    assert.equal(ended.code, code, ended.stderr);
    assert.ok(ended.stdout.includes(`Resume with: cancernet train --resume '${folder}'\n`), ended.stdout);
    assert.match(ended.stderr, /cancernet: stopped\.\n$/);
    assert.equal(jsonOf(join(folder, "run.json")).status, "interrupted");
    const on = await trainProcess(["--resume", folder]);
    assert.match(on.stdout, /^Resuming from epoch 1 after step [23]\./);
    assertSameRun(folder, at("two"), signal);
  });
}

test("a second Ctrl-C ends at once, and what was saved is there", { skip }, async () => {
  const folder = at("stopped twice");
  const begun = [at("dataset"), "--out", folder, ...FLAGS];
  const preload = signalAtPatch(60, ["SIGINT", "SIGINT"]);
  const { code } = await trainProcess([...begun, "--checkpoint-every", "1"], { preload });
  assert.equal(code, 130);
  const on = await trainProcess(["--resume", folder]);
  assert.match(on.stdout, /^Resuming from epoch 1 after step [34]\./);
  assertSameRun(folder, at("two"), "stopped twice");
});

/** Lets the process fail to write, from the count-th file on, with an error of the file system. */
function failAtWrite(count: number, code: string): string {
  return `
    import files from "node:fs/promises";
    import { syncBuiltinESMExports } from "node:module";
    const { open } = files;
    let left = ${count};
    files.open = async (path, flags) => {
      const file = await open(path, flags);
      if (flags !== "wx" || --left > 0) return file;
      file.writeFile = async () => { throw Object.assign(new Error("${code}"), { code: "${code}" }); };
      return file;
    };
    syncBuiltinESMExports();`;
}

for (const [code, reason] of [
  ["ENOSPC", "the disk is full"],
  ["EIO", "the disk reported an error"],
  ["EACCES", "permission denied"],
] as const) {
  test(`${code}: a sentence, exit code 2, and the run goes on afterwards`, async () => {
    const folder = at(`failed ${code}`);
    const begun = [at("dataset"), "--out", folder, ...FLAGS];
    const ended = await trainProcess([...begun, "--checkpoint-every", "2"], { preload: failAtWrite(4, code) });
    assert.equal(ended.code, 2, ended.stderr);
    assert.match(ended.stderr, new RegExp(`^cancernet: Cannot write .*checkpoint-1\\.bin: ${reason}`, "m"));
    assert.match(ended.stdout, /Resume with: cancernet train --resume/);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.endsWith(".tmp")),
      [],
    );
    await trainProcess(["--resume", folder]);
    assertSameRun(folder, at("two"), code);
  });
}

test("a weight that is no longer a number ends the training and spares the last sound checkpoint", async () => {
  const folder = at("wild");
  const wild = { optimizer: "sgd", learningRate: 100, epochs: 3, checkpointEvery: "1" };
  await assert.rejects(begin(folder, wild), refused("training-diverged", / in step \d+, at learning rate 100; /));
  // It still opens: the same step diverges again.
  await assert.rejects(run({ resume: folder }), refused("training-diverged"));
});
