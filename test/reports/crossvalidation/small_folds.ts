/** The answers of three folds, written by hand, and the report of them. */
import type { CrossvalidationDescription } from "../../../src/artifacts/crossvalidation_folder.ts";
import { foldOf } from "../../../src/histology/dataset/folds.ts";
import { RECIPES } from "../../../src/options/training/recipes.ts";
import type { FinishedFold } from "../../../src/workflows/crossvalidation/finished_fold.ts";
import { crossvalidationReport } from "../../../src/workflows/crossvalidation/numbers.ts";
import { context } from "../../support/cohort.ts";
import { datasetOf, PATCHES } from "../small_dataset.ts";

export const DATASET = datasetOf(PATCHES);
export const CASES = [...new Set(PATCHES.map((patch) => patch.case))];
/** Five cases: two, two and one. */
export const FOLDS = { seed: 42, cases: [CASES.slice(0, 2), CASES.slice(2, 4), CASES.slice(4)] };
export const THRESHOLDS = [0.3, 0.5, 0.7];

const DESCRIPTION = {
  format: 1,
  software: {},
  command: "cancernet crossvalidate 'the <dataset>' --out folds",
  dataset: { folder: "the <dataset>", sha256: DATASET.description.sha256 },
  seed: 42,
  folds: FOLDS.cases,
  options: { ...RECIPES.default, recipe: "default", model: "cancernet", threshold: "youden", seed: 42 },
} as unknown as CrossvalidationDescription;

/** What the model of a fold says of a patch. */
export const probabilityOf = (patch: number) => {
  const noise = ((patch * 7919) % 150) / 150;
  return Number((PATCHES[patch]!.label === 1 ? 0.3 + 0.69 * noise : 0.01 + 0.69 * noise).toFixed(6));
};

export function resultOf(place: number, leaking = false): FinishedFold {
  const fold = foldOf(DATASET, FOLDS, place);
  const answers = Array.from(fold.indicesOf("test"), (index) => {
    const { id, caseId, label } = fold.rows[index]!;
    return [id, { case: caseId, label, probability: probabilityOf(index) }] as const;
  });
  const report = {
    split: "test",
    threshold: THRESHOLDS[place]!,
    confusion: { tn: 0, fp: 0, fn: 0, tp: 0 },
    leakage: { checked: true, found: leaking },
    model: {
      name: "run",
      architecture: "cancernet",
      class_names: ["no IDC", "IDC"] as [string, string],
      recipe: "default",
      epoch: place + 2,
      seed: 42,
      dataset_sha256: "00",
    },
    dataset: { folder: "fold", sha256: "00", same_as_in_training: true },
    model_sha256: String(place).repeat(64),
    calibration: { temperature: 1.5 },
  } as const;
  return { fold, evaluation: { name: `fold ${place + 1}`, report, answers: new Map(answers) } };
}

export const reported = (results = [0, 1, 2].map((place) => resultOf(place))) =>
  crossvalidationReport({ description: DESCRIPTION, shownDataset: DESCRIPTION.dataset.folder }, results, context);
