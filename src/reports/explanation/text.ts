/**
 * The result of the command "explain" as lines: per patch the answer, the spread over single views, and whether the
 * maps agree.
 */
import { counted, fixed } from "../../util/numbers.ts";
import { tableLines } from "../../util/table.ts";
import { visible } from "../../util/terminal_text.ts";
import { classWords } from "../class_words.ts";
import type { ExplanationResult } from "./report.ts";

/** The result of the command "explain". */
export function explanationLines({ picture, files, report }: ExplanationResult): string[] {
  const { model, settings, patches } = report;
  const note = ({ at, resized_from: from }: (typeof patches)[number]) =>
    at ? `at ${at.join(",")}` : from ? `resized from ${from.join(" x ")}` : "";
  const rows = patches.map((patch, index) => [
    files[index]!,
    patch.probability.toFixed(4),
    patch.label,
    `${patch.views.lowest_probability.toFixed(4)} to ${patch.views.highest_probability.toFixed(4)}`,
    patch.views.sd_log_odds.toFixed(3),
    patch.agreement === null ? "-" : fixed(patch.agreement, 2),
    note(patch),
  ]);
  const { positive, shortProbability } = classWords(model.class_names, visible);
  const averages = model.views === 1 ? "looks at a patch as it is" : `averages ${counted(model.views, "view")}`;
  return [
    ...tableLines(["file", shortProbability, "label", "single views", "SD of log odds", "maps agree", "note"], rows),
    `${positive} from a probability of ${Number(model.threshold.toPrecision(4))}. Single views: each flip and turn of the patch alone; the model ${averages}.`,
    `Maps agree: Spearman's rank correlation of Grad-CAM (${settings.layer}) and occlusion (${settings.square_pixels} x ${settings.square_pixels} pixels, every ${settings.stride_pixels}); below ${settings.agreement_limit} they disagree.`,
    ...(model.uses_neighbours
      ? ["The model uses neighbours: this is its answer for a patch whose neighbours are all missing."]
      : []),
    `The picture is ${picture}; its numbers are in the same folder.`,
    report.notice,
  ];
}
