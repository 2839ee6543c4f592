/** The commands that make models. */
import { type CommandRow, commandRow, later } from "../command_row.ts";

export const TRAIN_COMMANDS: readonly CommandRow[] = [
  commandRow({
    name: "train",
    group: "train",
    summary: "Train a model on a prepared dataset.",
    finishes: "the current step",
    examples: [
      "cancernet train dataset --out run",
      "cancernet train dataset --out tutorial --recipe tutorial --epochs 10",
      "cancernet train --resume run",
      "cancernet train dataset --summary",
    ],
    load: async () => {
      const { trainOptions } = await import("../../../options/training/options.ts");
      const { settledSettings } = await import("../../../options/training/settings.ts");
      const { trainLines } = await import("../../../reports/training/text.ts");
      return {
        options: trainOptions,
        run: later(async () => (await import("../../../workflows/train.ts")).train),
        settled: settledSettings,
        text: trainLines,
      };
    },
  }),
  commandRow({
    name: "crossvalidate",
    group: "train",
    summary: "Train and evaluate a model on folds of a dataset's cases, and report on all of them.",
    finishes: "the current step",
    examples: [
      "cancernet crossvalidate dataset --out folds",
      "cancernet crossvalidate dataset --out ten --folds 10 --recipe tutorial --epochs 10",
      "cancernet crossvalidate --resume folds",
    ],
    load: async () => {
      const { crossvalidateOptions, settledCrossvalidation } = await import("../../../options/crossvalidate.ts");
      const { crossvalidationLines } = await import("../../../reports/crossvalidation/text.ts");
      return {
        options: crossvalidateOptions,
        run: later(async () => (await import("../../../workflows/crossvalidate.ts")).crossvalidate),
        settled: settledCrossvalidation,
        text: crossvalidationLines,
      };
    },
  }),
  commandRow({
    name: "sweep",
    group: "train",
    summary: "Train several settings with several seeds, and compare them.",
    finishes: "the current step",
    examples: [
      "cancernet sweep dataset settings.yaml --out sweep --seeds 1,2,3",
      "cancernet sweep dataset settings.csv --out sweep --seeds 1,2,3 --folds 5",
    ],
    load: async () => {
      const { sweepOptions } = await import("../../../options/sweep.ts");
      const { sweepLines, sweepProblem } = await import("../../../reports/sweep/text.ts");
      return {
        options: sweepOptions,
        run: later(async () => (await import("../../../workflows/sweep.ts")).sweep),
        text: sweepLines,
        problem: sweepProblem,
      };
    },
  }),
  commandRow({
    name: "calibrate",
    group: "train",
    summary:
      "Calibrate a model: fit its temperature and choose its threshold, on the validation split or a cross-validation.",
    finishes: "the current batch",
    examples: ["cancernet calibrate run --threshold sensitivity=0.95 --out model.onnx"],
    load: async () => {
      const { calibrateOptions } = await import("../../../options/calibrate.ts");
      const { calibrateLines } = await import("../../../reports/calibration/text.ts");
      return {
        options: calibrateOptions,
        run: later(async () => (await import("../../../workflows/calibrate.ts")).calibrate),
        text: calibrateLines,
      };
    },
  }),
  commandRow({
    name: "add-context",
    aliases: ["neighbourhood"],
    group: "train",
    summary: "Refine each patch's prediction with those of the surrounding patches.",
    finishes: "the current batch",
    examples: ["cancernet add-context run --reach 1 --out model.onnx"],
    load: async () => {
      const { addContextOptions } = await import("../../../options/add_context.ts");
      const { addContextLines } = await import("../../../reports/calibration/text.ts");
      return {
        options: addContextOptions,
        run: later(async () => (await import("../../../workflows/add_context.ts")).addContext),
        text: addContextLines,
      };
    },
  }),
  commandRow({
    name: "import",
    group: "train",
    summary: "Convert Keras weights (.keras, .h5) to a cancernet model.",
    finishes: "the reading",
    examples: [
      "cancernet import cancernet.keras --out model.onnx",
      "cancernet import weights.h5 --model compact --out model.onnx",
    ],
    load: async () => {
      const { importOptions } = await import("../../../options/import.ts");
      const { importLines } = await import("../../../reports/conversion/text.ts");
      return {
        options: importOptions,
        run: later(async () => (await import("../../../workflows/import.ts")).importWeights),
        text: importLines,
      };
    },
  }),
];
