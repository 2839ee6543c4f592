/** The commands that measure models. */
import { type CommandRow, commandRow, later } from "../command_row.ts";

export const MEASURE_COMMANDS: readonly CommandRow[] = [
  commandRow({
    name: "evaluate",
    group: "measure",
    summary: "Measure a trained model on a split of a dataset.",
    finishes: "the current batch",
    examples: ["cancernet evaluate run", "cancernet evaluate model.onnx --dataset dataset --out report"],
    load: async () => {
      const { evaluateOptions } = await import("../../../options/evaluate.ts");
      const { evaluationLines } = await import("../../../reports/evaluation/text.ts");
      return {
        options: evaluateOptions,
        run: later(async () => (await import("../../../workflows/evaluate.ts")).evaluate),
        text: evaluationLines,
      };
    },
  }),
  commandRow({
    name: "compare",
    group: "measure",
    summary: "Compare evaluated runs: every metric side by side, with intervals of the differences.",
    finishes: "the current run",
    examples: ["cancernet compare run other", "cancernet compare run other --split val --json"],
    load: async () => {
      const { compareOptions } = await import("../../../options/compare.ts");
      const { comparisonLines } = await import("../../../reports/comparison/text.ts");
      return {
        options: compareOptions,
        run: later(async () => (await import("../../../workflows/compare.ts")).compare),
        text: comparisonLines,
      };
    },
  }),
  commandRow({
    name: "probe",
    group: "measure",
    summary: "Fit and evaluate a linear probe on the features of an ONNX model.",
    finishes: "the current batch",
    examples: [
      "cancernet probe dataset --features extractor.onnx --out probe",
      "cancernet probe dataset --features vit.onnx --size 224 --output pooled --out probe",
    ],
    load: async () => {
      const { probeOptions } = await import("../../../options/probe.ts");
      const { probeLines } = await import("../../../reports/probe/text.ts");
      return {
        options: probeOptions,
        run: later(async () => (await import("../../../workflows/probe.ts")).probe),
        text: probeLines,
      };
    },
  }),
];
