/** A training as lines for the terminal: the model that it kept, or the layers of a model. */

import type { ModelSummary } from "../../engine/nn/model.ts";
import { commandLineOf } from "../../options/command_line.ts";
import { evaluateOptions } from "../../options/evaluate.ts";
import { counted, whole } from "../../util/numbers.ts";
import type { KeptModel } from "../../util/reporter.ts";
import { tableLines } from "../../util/table.ts";
import { keptWords } from "./kept_text.ts";
import type { TrainResult } from "./report.ts";

/** A sentence about the model that is kept after `epochs` epochs. */
export function keptText({
  folder,
  epochs,
  kept,
}: {
  readonly folder: string;
  readonly epochs: number;
  readonly kept: KeptModel | null;
}): string {
  if (kept === null) return `No epoch was finished, so ${folder} holds no model.`;
  const auroc = kept.val_auroc?.toFixed(4) ?? "not defined";
  if (kept.keep === "best") {
    return `Best epoch by validation AUROC: ${kept.epochs[0]} of ${epochs} (${auroc}), kept in ${kept.model}.`;
  }
  return `Kept in ${kept.model}: ${keptWords(kept)} of ${epochs} (validation AUROC ${auroc}).`;
}

/** The result of the command "train", or a model's layers if only those were requested. */
export function trainLines(result: TrainResult | ModelSummary): string[] {
  if ("layers" in result) return summaryLines(result);
  const { folder, history, kept } = result;
  return [
    keptText({ folder, epochs: history.length, kept }),
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
