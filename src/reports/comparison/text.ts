/** A comparison as lines for the terminal, and the warnings that a reader needs to interpret it. */
import type { Evaluation } from "../../artifacts/evaluation.ts";
import { CLASS_NAMES } from "../../histology/dataset/class_names.ts";
import { METRIC_NAMES, metricTitle } from "../../metrics/table.ts";
import { counted, fixed, whole } from "../../util/numbers.ts";
import { tableLines } from "../../util/table.ts";
import { visible } from "../../util/terminal_text.ts";
import { classWords } from "../class_words.ts";
import { caseSizesText, INTERVALS_COVER, intervalsMade } from "../evaluation/interval_text.ts";
import type { Comparison } from "./report.ts";

const DIGITS = 3;
const UNDEFINED = "-";

/** A number with its interval; null if undefined. */
interface Difference {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

export function comparisonLines(comparison: Comparison): string[] {
  const { split, patches, cases, case_sizes, intervals, runs, differences, notice } = comparison;
  const letters = runs.map((_, place) => letterOf(place));
  const [first, ...others] = letters;
  const { positive } = classWords(comparison.classes ?? CLASS_NAMES);
  return [
    `${split}: ${counted(patches, "patch")}${case_sizes ? ` of ${caseSizesText(cases, case_sizes)}` : ""}.`,
    ...leftOutLines(comparison),
    "",
    ...tableLines(
      ["", "run", "model", "architecture", "recipe", "epoch", `${positive} from`],
      runs.map(({ run, model, threshold }, place) => [
        letters[place]!,
        run,
        model.name,
        model.architecture,
        model.recipe,
        String(model.epoch ?? UNDEFINED),
        threshold.toFixed(4),
      ]),
    ),
    "",
    ...tableLines(
      ["metric", ...letters],
      METRIC_NAMES.map((name) => [
        metricTitle(name, positive),
        ...runs.map(({ metrics }) => estimateText(metrics[name])),
      ]),
    ),
    "",
    ...tableLines(
      ["difference", ...others.map((letter) => `${letter} - ${first}`)],
      METRIC_NAMES.map((name) => [
        metricTitle(name, positive),
        ...differences.map(({ metrics }) => gapText(metrics[name])),
      ]),
    ),
    "",
    `In brackets 95 % intervals. ${intervalsMade(intervals)}`,
    "* marks a difference whose interval leaves out 0. An interval that contains 0 does not show that the models are equal, only that these cases do not distinguish them.",
    `${METRIC_NAMES.length} metrics are shown for each pair of runs: some intervals leave out 0 by chance alone, so choose the metric beforehand.`,
    INTERVALS_COVER,
    notice,
  ];
}

const MOST_NAMED = 10;

/** Says which cases were left out, if any. */
export function leftOutLines({ left_out = [], split }: Pick<Comparison, "left_out" | "split">): string[] {
  if (left_out.length === 0) return [];
  const named = left_out.slice(0, MOST_NAMED).map((name) => visible(name) || "(unnamed)");
  const more = left_out.length > MOST_NAMED ? `, and ${whole(left_out.length - MOST_NAMED)} more` : "";
  return [
    `${counted(left_out.length, `${split} case`)} left out, because one of the datasets has corrected labels there: ${named.join(", ")}${more}.`,
  ];
}

/** Why the numbers of a run may be too good, one sentence per reason. */
export function comparisonWarnings(evaluations: readonly Evaluation[]): string[] {
  const chosen = evaluations.some(({ report: { split, dataset } }) => split === "val" && dataset.same_as_in_training)
    ? [
        "The validation split chose each model's epoch, threshold and temperature, so that its numbers flatter all: compare on test.",
      ]
    : [];
  const flattered = evaluations.flatMap(({ name, report: { split, leakage, dataset, model } }) => {
    if (model.dataset_sha256 === null) {
      return [`It is not known what ${name} was trained on: make sure that it did not learn from its ${split} cases.`];
    }
    if (!dataset.same_as_in_training) {
      return [
        `${name} was trained on another dataset than ${dataset.folder}, on which it was evaluated: make sure that it did not learn from its ${split} cases.`,
      ];
    }
    if (split === "train")
      return [`${name} learned from these very patches, so that they flatter it: compare on test.`];
    if (!leakage.found) return [];
    return [`${name} was made from cases or patches that are in ${split} too, so that they flatter it: split by case.`];
  });
  return [...chosen, ...flattered];
}

/** The letter of a run: A, B, ... Z, then #27, #28, ... */
export function letterOf(place: number): string {
  return place < 26 ? String.fromCharCode(65 + place) : `#${place + 1}`;
}

/** "0.906 (0.880 to 0.930)" */
export const estimateText = (estimate: Difference): string => numberText(estimate, (value) => fixed(value, DIGITS));

/** "+0.012 (+0.002 to +0.022) *"; the star marks a difference whose interval leaves out 0. */
export function gapText({ value, low, high }: Difference): string {
  const sure = low !== null && high !== null && (low > 0 || high < 0);
  return `${numberText({ value, low, high }, signed)}${sure ? " *" : ""}`;
}

function numberText({ value, low, high }: Difference, format: (value: number) => string): string {
  if (value === null) return UNDEFINED;
  return low === null || high === null ? format(value) : `${format(value)} (${format(low)} to ${format(high)})`;
}

/** "+0.012"; a value that rounds to zero has no sign. */
function signed(value: number): string {
  const text = fixed(value, DIGITS);
  return Number(text) > 0 ? `+${text}` : text;
}
