/** A training as lines for the terminal: the model that it kept, or the layers of a model. */

import type { ModelSummary } from "../../engine/nn/model.ts";
import { commandLineOf } from "../../options/command_line.ts";
import { evaluateOptions } from "../../options/evaluate.ts";
import { counted, whole } from "../../util/numbers.ts";
import type { KeptModel } from "../../util/reporter.ts";
import { tableLines } from "../../util/table.ts";
import type { TrainResult } from "./report.ts";

/** A sentence about the best model so far, after `epochs` epochs. */
export function keptText({
  folder,
  epochs,
  best,
}: {
  readonly folder: string;
  readonly epochs: number;
  readonly best: KeptModel | null;
}): string {
  if (best === null) return `No epoch was finished, so ${folder} holds no model.`;
  return `Best epoch by validation AUROC: ${best.epoch} of ${epochs} (${best.val_auroc.toFixed(4)}), kept in ${best.model}.`;
}

/** The result of the command "train", or a model's layers if only those were requested. */
export function trainLines(result: TrainResult | ModelSummary): string[] {
  if ("layers" in result) return summaryLines(result);
  const { folder, history, best } = result;
  return [
    keptText({ folder, epochs: history.length, best }),
    `Evaluate it on the test split with: ${commandLineOf("evaluate", evaluateOptions, { model: folder })}`,
  ];
}

function summaryLines({ name, source, layers, parameters, trainable }: ModelSummary): string[] {
  const rows = layers.map((layer) => [layer.name, layer.kind, layer.output.join(" x "), whole(layer.parameters)]);
  return [
    `${name}: ${source}`,
    ...tableLines(["layer", "kind", "output", "parameters"], rows),
    `${counted(parameters, "parameter")}, ${whole(trainable)} trainable, ${whole(parameters - trainable)} not.`,
  ];
}
