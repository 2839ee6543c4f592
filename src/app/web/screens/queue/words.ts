/** The sentences of the queue. */
import type { CorrectionLabel } from "../../../../artifacts/corrections/entries.ts";
import { counted, fixed, whole } from "../../../../util/numbers.ts";
import type { LabelErrorFacts, QueueVerdict } from "../../../api/corrections.ts";
import { labelWords } from "../../corrections/words.ts";

/** A verdict that was given in this tab, with what it was about. */
export interface GivenVerdict {
  readonly place: number;
  readonly label: CorrectionLabel;
  readonly verdict: QueueVerdict;
}

type ClassNames = readonly [string, string];

/** "Patch 7: you say IDC. The dataset says no IDC, the model gives IDC 0.48. Corrected." */
export function verdictSentence({ place, label, verdict }: GivenVerdict, names: ClassNames): string {
  const own = labelWords(verdict.label === 1 ? "positive" : "negative", names);
  const said = labelWords(label, names);
  const end = verdict.isBlind
    ? "It was drawn at random, so it counts for the label error rate and corrects nothing."
    : said === own
      ? "Confirmed."
      : label === "unsure"
        ? "Noted as unsure."
        : "Corrected.";
  return `Patch ${place + 1}: you say ${said}. The dataset says ${own}, the model gives ${names[1]} ${fixed(verdict.probability, 2)}. ${end}`;
}

const percent = (share: number): string => `${fixed(100 * share, 1)} %`;

/** "10.0 % of the labels are wrong (95 % interval from 2.1 % to 24.0 %): 2 of 20 blind verdicts, from 3 cases." */
export function rateSentence({ all, judged, wrong, open, cases }: LabelErrorFacts): string {
  const left = open > 0 ? ` ${counted(open, "verdict")} left open.` : "";
  if (all.value === null) return `No patch that was drawn at random has been judged yet.${left}`;
  const interval =
    all.low === null || all.high === null
      ? "no interval from fewer than two cases"
      : `95 % interval by case from ${percent(all.low)} to ${percent(all.high)}`;
  return `${percent(all.value)} of the labels are wrong (${interval}): ${whole(wrong)} of ${counted(judged, "blind verdict")}, from ${counted(cases, "case")}.${left}`;
}

/** For which patches the rate holds. */
export function rateHoldsFor(splits: string, candidates?: number): string {
  const names = splits.split("+");
  const where = `the ${names.length === 1 ? "split" : "splits"} ${names.join(", ")}`;
  const those = candidates === undefined ? "the patches" : `the ${counted(candidates, "patch")}`;
  return `It holds for ${those} of ${where} that had not been judged when the random ones were drawn.`;
}
