/** A dataset in memory, and a model's answers to it, for the tests of the report. */
import type { ModelCard } from "../../src/artifacts/model_card.ts";
import { CLASS_NAMES } from "../../src/histology/dataset/class_names.ts";
import type { Dataset } from "../../src/histology/dataset/dataset.ts";
import { countParts, recordShape } from "../../src/histology/dataset/description.ts";
import type { PatchRow } from "../../src/histology/dataset/patch_row.ts";
import { RECORD_BYTES } from "../../src/histology/dataset/record.ts";
import type { Split } from "../../src/histology/dataset/split_names.ts";
import { findLeakage } from "../../src/workflows/evaluation/leakage.ts";
import type { EvaluationInput } from "../../src/workflows/evaluation/numbers.ts";

export interface Patch {
  readonly id: string;
  readonly case: string;
  readonly label: 0 | 1;
  readonly split: Split;
  /** The colour of its picture, by which pictures are the same or not. */
  readonly colour: number;
}

const SHA256 = { manifest: "a".repeat(64), patches: "b".repeat(64) };

export function datasetOf(patches: readonly Patch[]): Dataset {
  const rows = patches.map(
    ({ id, case: caseId, label, split }): PatchRow => ({
      id,
      caseId,
      x: undefined,
      y: undefined,
      label,
      split,
      width: 50,
      height: 50,
      source: `${id}.png`,
    }),
  );
  return {
    folder: "the <dataset>",
    description: {
      formatVersion: 3,
      software: "cancernet",
      record: recordShape(50),
      split: { method: "case", seed: 42 },
      counts: countParts(rows),
      rejected: { "wrong <size>": 3 },
      sha256: SHA256,
    },
    rows,
    side: 50,
    recordBytes: RECORD_BYTES,
    classNames: CLASS_NAMES,
    read(index, into, offset) {
      const { colour } = patches[index]!;
      for (let i = 0; i < RECORD_BYTES; i++) into[offset + i] = colour * ((i % 3) + 1) + i;
    },
    indicesOf: (split) => Uint32Array.from(rows.keys().filter((index) => rows[index]!.split === split)),
    close() {},
  };
}

export const CARD = {
  format: "2",
  model: "cancernet <b>",
  class_names: ["no IDC", "IDC"],
  threshold: 0.45,
  threshold_rule: "youden",
  temperature: 2,
  views: 1,
  dataset_sha256: SHA256.manifest,
  epoch: 3,
  seed: 42,
  recipe: "default",
  software: "cancernet 0.1.0",
  notice: "",
} as ModelCard;

export const HOSTILE = '<script>alert("1")</script>';

/** 120 patches of test in four cases, 30 of train in one; the first case of test has a hostile name. */
export const PATCHES: readonly Patch[] = Array.from({ length: 150 }, (_, i) => {
  const split = i < 120 ? "test" : "train";
  const name = i < 30 ? HOSTILE : `case ${Math.floor(i / 30)}`;
  return { id: `${name} patch ${i}`, case: name, label: i % 3 === 0 ? 1 : 0, split, colour: i } as const;
});

/** Probabilities that part the classes, but not wholly. */
export const PROBABILITIES = Float32Array.from({ length: 120 }, (_, i) => {
  const noise = ((i * 7919) % 120) / 120;
  return i % 3 === 0 ? 0.3 + 0.69 * noise : 0.01 + 0.69 * noise;
});

export function evaluatedOf(
  patches: readonly Patch[] = PATCHES,
  { probabilities = PROBABILITIES, card = CARD }: { probabilities?: Float32Array; card?: ModelCard } = {},
): EvaluationInput {
  const dataset = datasetOf(patches);
  return {
    dataset,
    split: "test",
    rows: dataset.indicesOf("test"),
    probabilities,
    name: "mine <b>",
    card,
    device: "cpu",
    modelSha256: "c".repeat(64),
    leakage: findLeakage(dataset, "test", "this"),
    likeness: { examined: false, reason: "model" },
    training: null,
    method: "a convolutional network",
    caveats: [],
    prevalences: [0.1, 0.5],
    command: "cancernet evaluate 'a <run>'",
    versions: { cancernet: "cancernet 0.1.0", node: "v24" },
  };
}

const HISTORY = [1, 2].map((epoch) => {
  return { epoch, loss: 0.5, accuracy: 0.8, val_loss: 0.4, val_accuracy: 0.8, val_auroc: 0.8 + epoch / 100 };
});
/** Two epochs, as an evaluation tells of them. */
export const TRAINING = {
  software: {},
  engine: "fused",
  device: "cpu",
  settings: { optimizer: "<i>" },
  history: HISTORY,
  kept: { keep: "best", epochs: [2], val_auroc: 0.82 },
} as const;
