/** The command lines that give the numbers of the screen. */
import { calibrateOptions } from "../../../../options/calibrate.ts";
import { commandLineOf } from "../../../../options/command_line.ts";
import { evaluateOptions } from "../../../../options/evaluate.ts";
import type { EvaluationAnswer } from "../../../api/evaluations.ts";

/**
 * The line that prints the numbers at a threshold and a prevalence. At another threshold than the model's own, it first
 * makes a model with that threshold. If the model or the dataset is not known, it is the report's own line.
 */
export function commandAt(
  { report, model, dataset }: Pick<EvaluationAnswer, "report" | "model" | "dataset">,
  threshold: number,
  prevalence: number,
): string {
  if (model === null || dataset === null) return report.command;
  const common = { dataset: dataset.path, split: report.split, prevalence: [prevalence] };
  const name = `threshold-${threshold}`;
  if (threshold === report.threshold) {
    return commandLineOf("evaluate", evaluateOptions, { ...common, model, out: "evaluation-again" });
  }
  const made = `${name}.onnx`;
  const calibrate = { model, dataset: dataset.path, threshold: String(threshold), out: made };
  return [
    commandLineOf("calibrate", calibrateOptions, calibrate),
    commandLineOf("evaluate", evaluateOptions, { ...common, model: made, out: name }),
  ].join(" && ");
}
