/** Evaluations written to a folder with the numbers that `evaluate` computes, for models that do not exist. */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PREDICTION_COLUMNS, predictionCells } from "../../../src/artifacts/evaluation_folder.ts";
import { descriptionText } from "../../../src/histology/dataset/description_file.ts";
import { manifestParts } from "../../../src/histology/dataset/manifest.ts";
import type { EvaluationReport } from "../../../src/reports/evaluation/report.ts";
import { exactDecimal } from "../../../src/reports/prediction.ts";
import { toCsv } from "../../../src/util/csv.ts";
import { type EvaluationInput, reportOf } from "../../../src/workflows/evaluation/numbers.ts";
import { clusteredSample } from "../../metrics/clustered.ts";
import { CARD, evaluatedOf, type Patch } from "../../reports/small_dataset.ts";

export interface Written {
  readonly cases: number;
  readonly patchesPerCase: number;
  readonly threshold?: number;
  /** Another seed gives other probabilities for the same patches. */
  readonly answers?: number;
  readonly seed?: number;
  readonly change?: (input: EvaluationInput) => Partial<EvaluationInput>;
}

/** Writes report.json and predictions.csv of an evaluation of patches that are alike within their case. */
export function writeEvaluation(folder: string, written: Written): EvaluationReport {
  const { input, patches } = inputOf(written);
  const report = reportOf(input);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "report.json"), JSON.stringify(report));
  const cells = patches.map((_, place) =>
    predictionCells(input.dataset.rows[place]!, exactDecimal(input.probabilities[place]!), input.card.threshold),
  );
  writeFileSync(join(folder, "predictions.csv"), toCsv(PREDICTION_COLUMNS, cells));
  return report;
}

/** Writes dataset.json and manifest.csv of the evaluated patches, without their pixels. */
export function writeDatasetOf(folder: string, written: Written): void {
  const { input } = inputOf(written);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "dataset.json"), descriptionText(input.dataset.description));
  writeFileSync(join(folder, "manifest.csv"), [...manifestParts(input.dataset.rows)].join(""));
}

function inputOf({ cases, patchesPerCase, threshold = 0.45, seed = 1, answers = 0, change }: Written) {
  const sample = clusteredSample({ seed, cases, patchesPerCase });
  const other = answers === 0 ? sample : clusteredSample({ seed: answers, cases, patchesPerCase });
  const patches = sample.labels.map(
    (label, i): Patch => ({
      id: `patch ${i}`,
      case: sample.cases[i]!,
      label: label === 1 ? 1 : 0,
      split: "test",
      colour: 0,
    }),
  );
  const probabilities = Float32Array.from(sample.probabilities, (p, i) => (p + other.probabilities[i]!) / 2);
  const plain = evaluatedOf(patches, { probabilities, card: { ...CARD, threshold } });
  const { dataset } = plain;
  const manifest = createHash("sha256")
    .update([...manifestParts(dataset.rows)].join(""))
    .digest("hex");
  const description = { ...dataset.description, sha256: { ...dataset.description.sha256, manifest } };
  const input: EvaluationInput = { ...plain, dataset: { ...dataset, folder: "dataset", description } };
  return { input: { ...input, ...change?.(input) }, patches };
}
