/** What a person has set on an evaluation: threshold, prevalence, selected patches; and the numbers that follow. */
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { estimatesByThreshold, type ThresholdEstimates } from "../../../../metrics/at_threshold.ts";
import { type ClassWords, classWords } from "../../../../reports/class_words.ts";
import type { EvaluationReport } from "../../../../reports/evaluation/report.ts";
import type { EvaluationAnswer, PredictionColumns } from "../../../api/evaluations.ts";

import { parseSelection, type Selection, selectionText } from "./selection.ts";

/** A threshold with a name that a button leads to. */
export interface Jump {
  readonly name: string;
  readonly key: string;
  readonly threshold: number;
}

export interface Judgement {
  readonly id: string;
  readonly answer: EvaluationAnswer;
  readonly report: EvaluationReport;
  readonly columns: PredictionColumns;
  readonly words: ClassWords;
  readonly jumps: readonly Jump[];
  readonly threshold: Signal<number>;
  readonly prevalence: Signal<number>;
  readonly selected: Signal<Selection | null>;
  readonly estimates: ReadonlySignal<ThresholdEstimates>;
  /** What the address says of it; what is as at the start is left out. */
  readonly view: ReadonlySignal<Record<string, string | undefined>>;
}

/** A usual choice of `evaluate`, so that report.json has the numbers for it. */
const FIRST_PREVALENCE = 0.1;

/** @param view the state in the address */
export function createJudgement(
  id: string,
  answer: EvaluationAnswer,
  columns: PredictionColumns,
  view: Readonly<Record<string, string | undefined>>,
): Judgement {
  const { report } = answer;
  const { labels, probabilities, caseOf, cases } = columns;
  const at = estimatesByThreshold({ labels, probabilities, cases: Array.from(caseOf, (place) => cases[place]!) });
  const threshold = signal(shareIn(view.threshold) ?? report.threshold);
  const prevalence = signal(prevalenceOf(view.prevalence) ?? FIRST_PREVALENCE);
  const selected = signal(parseSelection(view.show));
  return {
    id,
    answer,
    report,
    columns,
    words: classWords(report.model.class_names),
    jumps: jumpsOf(report),
    threshold,
    prevalence,
    selected,
    estimates: computed(() => at(threshold.value, [prevalence.value])),
    view: computed(() => ({
      threshold: threshold.value === report.threshold ? undefined : String(threshold.value),
      prevalence: prevalence.value === FIRST_PREVALENCE ? undefined : String(prevalence.value),
      show: selectionText(selected.value),
    })),
  };
}

/** A number from 0 to 1, or undefined. */
export function shareIn(text: string | undefined): number | undefined {
  const value = text === undefined || text.trim() === "" ? Number.NaN : Number(text);
  return value >= 0 && value <= 1 ? value : undefined;
}

/** A number between 0 and 1, without the ends, or undefined: the shares that `evaluate` takes. */
export function prevalenceOf(text: string | undefined): number | undefined {
  const value = shareIn(text);
  return value === 0 || value === 1 ? undefined : value;
}

/** A threshold as the slider gives it: steps of a thousandth, without the noise of a sum of floats. */
export function stepped(value: number): number {
  return Math.min(Math.max(Math.round(value * 1000) / 1000, 0), 1);
}

function jumpsOf({ threshold, operating_table }: EvaluationReport): Jump[] {
  const youden = operating_table.find(({ point }) => point === "youden");
  return [
    { name: "The model's own", key: "s", threshold },
    ...(youden ? [{ name: "Youden on this split", key: "y", threshold: youden.threshold }] : []),
    { name: "0.5", key: "h", threshold: 0.5 },
  ];
}
