/** The size of what a network sees, and the side of its records: what follows from the dataset, what is noted, what is refused. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { IMPORTED } from "../../src/artifacts/model_card.ts";
import { modelFile } from "../../src/artifacts/model_file.ts";
import { modelFileOf, openModelFile } from "../../src/artifacts/open_model.ts";
import { architectureOf } from "../../src/artifacts/read_model.ts";
import { MODELS } from "../../src/engine/models/table.ts";
import { initialize } from "../../src/engine/nn/initialize.ts";
import { CLASS_NAMES } from "../../src/histology/dataset/class_names.ts";
import type { Dataset } from "../../src/histology/dataset/dataset.ts";
import { recordBytes } from "../../src/histology/dataset/record.ts";
import { AUGMENTATIONS } from "../../src/options/training/augmentations.ts";
import { newSettings, trainingSettings } from "../../src/options/training/settings.ts";
import { storedSettings } from "../../src/options/training/stored_settings.ts";
import { classifyRows } from "../../src/workflows/classify.ts";
import { statisticsImages, trainingBatches } from "../../src/workflows/training/batches.ts";
import { modelOf } from "../../src/workflows/training/plan.ts";
import { modelBytes } from "../support/inputs.ts";
import { refused } from "../support/refused.ts";

const settingsFor = (side: number, given: object = {}) => newSettings(trainingSettings.partial().parse(given), side);

test("unless it is given it is the record's side, rounded down to a multiple of 8", () => {
  const found = [16, 31, 32, 50, 96, 100, 511, 512].map((side) => settingsFor(side).inputSize);
  assert.deepEqual(found, [16, 24, 32, 48, 96, 96, 504, 512]);
  assert.equal(settingsFor(96, { inputSize: 50 }).inputSize, 50);
  for (const inputSize of [15, 513, 48.5])
    assert.equal(trainingSettings.partial().safeParse({ inputSize }).success, false);
});

test("the usual size is the model as it ever was, and is not noted; another is", () => {
  assert.equal(modelOf(settingsFor(50)), MODELS.cancernet);
  assert.ok(!("inputSize" in storedSettings(settingsFor(50))));
  assert.equal(storedSettings(settingsFor(96)).inputSize, 96);
  assert.deepEqual(modelOf(settingsFor(96, { model: "compact" })).inputShape, [3, 96, 96]);
});

test("a model file says the side of its records and what its network sees of them, if they are not the usual ones", () => {
  const model = modelOf(settingsFor(96, { model: "compact", inputSize: 64 }));
  const bytes = modelFile({ model, arrays: initialize(model, 1) }, { ...IMPORTED, record_side: 96 });
  const card = modelFileOf(bytes, "the model").card;
  assert.deepEqual([card.record_side, card.input_side], [96, 64]);
  assert.deepEqual(architectureOf(card, "the model"), model);
  const usual = modelFileOf(modelBytes("compact", IMPORTED), "it").card;
  assert.ok(!("record_side" in usual) && !("input_side" in usual));
});

/** As much of a dataset as is asked for: record i is full of i. */
function datasetOf(side: number): Dataset {
  const bytes = recordBytes(side);
  return {
    folder: "the dataset",
    classNames: CLASS_NAMES,
    side,
    recordBytes: bytes,
    rows: Array.from({ length: 9 }, (_, index) => ({ label: index % 2, caseId: "a", x: undefined, y: undefined })),
    read: (index: number, into: Uint8Array, offset: number) => void into.fill(index, offset, offset + bytes),
    indicesOf: () => Uint32Array.from({ length: 9 }, (_, index) => index),
  } as unknown as Dataset;
}

test("batches and the images of the statistics have the dataset's side", () => {
  const side = 20;
  const dataset = datasetOf(side);
  const drawn = { dataset, seed: 1 } as const;
  const options = { ...drawn, ...AUGMENTATIONS.none, batchSize: 4, classWeights: [1, 1] } as const;
  for (const { images, weights } of trainingBatches(options, dataset.indicesOf("train"), 0)) {
    assert.equal(images.length, weights.length * recordBytes(side));
    assert.equal(images[0], images[recordBytes(side) - 1]);
  }
  const { shape, batches } = statisticsImages(drawn, new AbortController().signal);
  assert.deepEqual(shape, [9, side, side, 3]);
  for (const images of batches) assert.equal(images.length, 9 * recordBytes(side));
});

test("a model and a dataset of different sides are refused in a sentence that says how to fix it", async () => {
  const file = modelBytes("compact", IMPORTED);
  const model = await openModelFile(modelFileOf(file, "the model"), { threads: 1 });
  await assert.rejects(
    classifyRows(model, datasetOf(96), Uint32Array.of(0)),
    refused(
      "patch-size-mismatch",
      "The model takes patches of 50 x 50 pixels, but those of the dataset have 96 x 96: prepare the dataset again with --side 50, " +
        "or give a model that was trained on patches of 96 x 96.",
    ),
  );
  await model.classifier.close();
});
