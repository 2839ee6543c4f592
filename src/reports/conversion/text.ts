/** The results of the commands "import" and "export" as lines of text. */
import { calibrateOptions } from "../../options/calibrate.ts";
import { commandLineOf } from "../../options/command_line.ts";
import { counted } from "../../util/numbers.ts";
import { visible } from "../../util/terminal_text.ts";
import type { ExportPageResult, ExportResult, ImportResult } from "./report.ts";

export function importLines({
  model,
  architecture,
  weights,
  parameters,
  described,
  class_names,
  notice,
}: ImportResult): string[] {
  return [
    `${model}: ${architecture} with ${counted(parameters, "number")} from ${weights}.`,
    described
      ? "The layers, their order and their settings are those that the file describes."
      : "The file holds weights alone: that its layers had this model's order, activations and epsilon is taken for granted.",
    ...(class_names
      ? [
          `Its outputs are ${class_names.map((name) => `"${visible(name)}"`).join(" and ")}, which is the positive class.`,
        ]
      : []),
    `It is not calibrated: run "${commandLineOf("calibrate", calibrateOptions, { model, dataset: "DATASET", out: "calibrated.onnx" })}". What it was trained on is not known.`,
    notice,
  ];
}

export function exportLines(result: ExportResult): string[] {
  const { file, model, input, outputs, bytes, class_names, threshold, checked_patches, largest_difference } = result;
  const size = input.type === "uint8" ? ", any size" : " from 0 to 1";
  const named = outputs.map(
    ({ name, calibrated }) => `"${name}", float32 [batch], ${calibrated ? "calibrated" : "before calibration"}`,
  );
  return [
    `${file}: ${model} as ONNX opset 20, ${(bytes / 1e6).toFixed(1)} MB; input "${input.name}", ${input.type} RGB [${input.shape.join(", ")}]${size}.`,
    `Outputs: ${named.join("; ")}. ${class_names[1]} from ${threshold}.`,
    `On ${counted(checked_patches, "patch")} it differs from the original by ${differenceText(largest_difference)} at most.`,
    ...(result.uses_neighbours
      ? ["The model uses neighbours, which the graph does not see: its probability is that of a lone patch."]
      : []),
    result.notice,
  ];
}

export function exportPageLines(result: ExportPageResult): string[] {
  const { folder, model, files, bytes, checked_patches, largest_difference } = result;
  return [
    `${folder}: a web page with ${model}, ${counted(files.length, "file")}, ${(bytes / 1e6).toFixed(1)} MB. Any static web server can serve it; headers are not needed, and _headers has those that are useful.`,
    `On ${counted(checked_patches, "patch")} its answers differ from those of "predict" by ${differenceText(largest_difference)} at most.`,
    ...(result.uses_neighbours
      ? ["The model uses neighbours: the page uses them in slides, and takes each image alone."]
      : []),
    result.notice,
  ];
}

/** "3.6e-7"; 0 if nothing differs. */
const differenceText = (difference: number): string => (difference === 0 ? "0" : difference.toExponential(1));
