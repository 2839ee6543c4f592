/**
 * Chooses a threshold by a rule, and computes rates at useful thresholds. predictive_values.ts computes predictive values
 * at other prevalences.
 */
import { UserError } from "../util/errors.ts";
import { npv, ppv, sensitivity, specificity } from "./rates.ts";
import { type Confusion, confusionOf, type Tally, tallyOf } from "./tally.ts";

/** A rule that chooses a threshold. */
export type ThresholdRule =
  /** The highest sensitivity + specificity - 1 (Youden 1950). */
  | { readonly kind: "youden" }
  /** The highest specificity with at least this sensitivity. */
  | { readonly kind: "sensitivity"; readonly value: number }
  /** The highest sensitivity with at least this specificity. */
  | { readonly kind: "specificity"; readonly value: number }
  /** The lowest cost if one false negative costs as much as this number of false positives. */
  | { readonly kind: "cost"; readonly value: number }
  /** This threshold, whatever the patches are. */
  | { readonly kind: "fixed"; readonly value: number };

const NUMBER = /^(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/;

/**
 * Parses `youden`, `sensitivity=0.95`, `specificity=0.95`, `cost=5` or a number from 0 to 1.
 * @throws UserError if the text is none of these.
 */
export function parseThresholdRule(text: string): ThresholdRule {
  const [name = "", number = "", ...more] = text.split("=");
  const value = NUMBER.test(number) && more.length === 0 ? Number(number) : Number.NaN;
  if (text === "youden") return { kind: "youden" };
  if ((name === "sensitivity" || name === "specificity") && value > 0 && value <= 1) return { kind: name, value };
  if (name === "cost" && value > 0 && Number.isFinite(value)) return { kind: "cost", value };
  if (NUMBER.test(text) && Number(text) <= 1) return { kind: "fixed", value: Number(text) };
  throw new UserError(
    "option-invalid",
    `"${text}" is not a rule for the threshold: give youden, sensitivity=0.95, specificity=0.95 (above 0, to 1), cost=5 (above 0: ` +
      "the false alarms that a missed IDC patch is worth), or a number from 0 to 1.",
  );
}

/** The text of a rule, as {@link parseThresholdRule} reads it. */
export function thresholdRuleText(rule: ThresholdRule): string {
  if (rule.kind === "youden") return "youden";
  return rule.kind === "fixed" ? String(rule.value) : `${rule.kind}=${rule.value}`;
}

/** Phrases for the two classes in errors: "0 with IDC and 2 without", "some without IDC". */
export interface PatchPhrases {
  readonly withPositive: string;
  readonly without: string;
  readonly withoutPositive: string;
}

const IDC_PHRASES: PatchPhrases = { withPositive: "with IDC", without: "without", withoutPositive: "without IDC" };

/**
 * The threshold that a rule chooses on patches. It is midway between two neighbouring distinct scores (above the
 * highest score midway to 1, below the lowest midway to 0), so that differences in the last digit, for example between
 * devices, do not change a call. Of equally good thresholds it is the highest, which calls the fewest patches IDC. A
 * fixed rule returns its value without reading the patches.
 * @throws UserError as `tallyOf`; also if a class is absent, or if no threshold up to 1 reaches the required
 * specificity.
 */
export function chooseThreshold(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  rule: ThresholdRule,
  { withPositive, without, withoutPositive }: PatchPhrases = IDC_PHRASES,
): number {
  if (rule.kind === "fixed") return rule.value;
  const tally = tallyOf(labels, probabilities);
  const { positiveCount, negativeCount } = tally;
  if (positiveCount === 0 || negativeCount === 0) {
    throw new UserError(
      "class-missing",
      `A threshold by the rule ${thresholdRuleText(rule)} needs patches of both classes, but ${positiveCount} ${withPositive} and ` +
        `${negativeCount} ${without} were given: choose on others, or give the threshold as a number.`,
    );
  }
  const threshold = bestThreshold(tally, rule);
  if (threshold !== undefined) return threshold;
  throw new UserError(
    "threshold-unreachable",
    `No threshold up to 1 meets the rule ${thresholdRuleText(rule)} on these patches, as some ${withoutPositive} have probability 1: ` +
      "ask for less.",
  );
}

/** One row of the operating table. Undefined rates are null. */
export interface OperatingRow {
  /** "chosen" for the given threshold, otherwise the rule as {@link thresholdRuleText} writes it. */
  readonly point: string;
  readonly threshold: number;
  readonly sensitivity: number | null;
  readonly specificity: number | null;
  readonly ppv: number | null;
  readonly npv: number | null;
  /** The fraction of patches that are called IDC. */
  readonly share_called: number | null;
}

const POINTS: readonly ThresholdRule[] = [
  { kind: "fixed", value: 0.5 },
  { kind: "youden" },
  ...[0.99, 0.95, 0.9].map((value) => ({ kind: "sensitivity", value }) as const),
  ...[0.9, 0.95, 0.99].map((value) => ({ kind: "specificity", value }) as const),
];

/**
 * Rates at the chosen threshold, at 0.5, and at the thresholds that rules choose on these same patches. The rows of the
 * rules show what the ranking allows. They are optimistic, since those thresholds are chosen with the labels. A rule
 * without a possible threshold has no row.
 */
export function operatingTable(tally: Tally, chosen: number): OperatingRow[] {
  const both = tally.positiveCount > 0 && tally.negativeCount > 0;
  return [
    operatingRow(tally, "chosen", chosen),
    ...POINTS.flatMap((rule) => {
      const threshold = rule.kind === "fixed" ? rule.value : both ? bestThreshold(tally, rule) : undefined;
      return threshold === undefined ? [] : [operatingRow(tally, thresholdRuleText(rule), threshold)];
    }),
  ];
}

function operatingRow(tally: Tally, point: string, threshold: number): OperatingRow {
  const confusion = confusionOf(tally, threshold);
  const patches = tally.positiveCount + tally.negativeCount;
  return {
    point,
    threshold,
    sensitivity: sensitivity(confusion),
    specificity: specificity(confusion),
    ppv: ppv(confusion),
    npv: npv(confusion),
    share_called: patches === 0 ? null : (confusion.tp + confusion.fp) / patches,
  };
}

type SearchedRule = Exclude<ThresholdRule, { kind: "fixed" }>;

/** The highest of the best thresholds up to 1, on patches of both classes; undefined if the rule allows none. */
function bestThreshold(tally: Tally, rule: SearchedRule): number | undefined {
  const { scores, positives, negatives, positiveCount, negativeCount } = tally;
  let best: { worth: number; cut: number } | undefined;
  let [tp, fp] = [0, 0];
  // At a cut of k, the k highest scores are called IDC. A score of 1 is called IDC at every threshold up to 1.
  for (let cut = 0; cut <= scores.length; cut++) {
    if (cut > 0) {
      tp += positives[cut - 1]!;
      fp += negatives[cut - 1]!;
    }
    const worth = worthOf({ tn: negativeCount - fp, fp, fn: positiveCount - tp, tp }, rule);
    const possible = cut > 0 || scores[0]! < 1;
    if (possible && worth > (best?.worth ?? Number.NEGATIVE_INFINITY)) best = { worth, cut };
  }
  return best && midway(scores[best.cut - 1] ?? 1, scores[best.cut] ?? 0);
}

/**
 * The quantity that a rule maximizes; minus infinity if the rule does not allow the counts. Both classes must be
 * present.
 */
function worthOf(confusion: Confusion, rule: SearchedRule): number {
  const { tn, fp, fn, tp } = confusion;
  const [found, cleared] = [tp / (tp + fn), tn / (tn + fp)];
  switch (rule.kind) {
    case "youden":
      // Integer arithmetic, so that equally good thresholds compare as equal.
      return tp * (tn + fp) - fp * (tp + fn);
    case "sensitivity":
      return found >= rule.value ? cleared : Number.NEGATIVE_INFINITY;
    case "specificity":
      return cleared >= rule.value ? found : Number.NEGATIVE_INFINITY;
    case "cost":
      return -(rule.value * fn + fp);
  }
}

/** The middle between two scores; the upper score if there is no float between them. */
function midway(upper: number, lower: number): number {
  const middle = lower + (upper - lower) / 2;
  return middle > lower ? middle : upper;
}
