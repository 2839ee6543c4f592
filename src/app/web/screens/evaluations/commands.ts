/** The command lines that give the numbers of the screen. */
import { calibrateOptions } from "../../../../options/calibrate.ts";
import { commandLineOf } from "../../../../options/command_line.ts";
import { evaluateOptions } from "../../../../options/evaluate.ts";
import type { EvaluationAnswer } from "../../../api/evaluations.ts";

/**
 * The line that prints the numbers at a threshold and a prevalence. At another threshold than the model's own, it first
 * makes a model with that threshold. `calibrate` also fits the temperature, which stays as it is only on the dataset of
 * the training; elsewhere no command gives these numbers, and the result is null.
 */
export function commandAt(
  { report, model, dataset }: Pick<EvaluationAnswer, "report" | "model" | "dataset">,
  threshold: number,
  prevalence: number,
): string | null {
  const isOwn = threshold === report.threshold;
  if (model === null || dataset === null) return isOwn ? report.command : null;
  const common = { dataset: dataset.path, split: report.split, prevalence: [prevalence] };
  if (isOwn) return commandLineOf("evaluate", evaluateOptions, { ...common, model, out: "evaluation-again" });
  if (!report.dataset.same_as_in_training) return null;
  const name = `threshold-${threshold}`;
  const made = `${name}.onnx`;
  const calibrate = { model, dataset: dataset.path, threshold: String(threshold), out: made };
  return [
    commandLineOf("calibrate", calibrateOptions, calibrate),
    commandLineOf("evaluate", evaluateOptions, { ...common, model: made, out: name }),
  ].join(" && ");
}
