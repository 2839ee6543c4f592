/** Where to draw the line: rules that choose a threshold, what it does at useful points, and the predictive values elsewhere. */
import { UserError } from "../util/errors.ts";
import { npv, ppv, sensitivity, specificity } from "./rates.ts";
import { type Confusion, confusionOf, type Tally, tallyOf } from "./tally.ts";

/** How a threshold is chosen. */
export type ThresholdRule =
  /** The most sensitivity + specificity - 1 (Youden 1950). */
  | { readonly kind: "youden" }
  /** The best specificity with at least this sensitivity. */
  | { readonly kind: "sensitivity"; readonly value: number }
  /** The best sensitivity with at least this specificity. */
  | { readonly kind: "specificity"; readonly value: number }
  /** The least cost if a missed IDC patch costs as much as this many false alarms. */
  | { readonly kind: "cost"; readonly value: number }
  /** This threshold, whatever the patches. */
  | { readonly kind: "fixed"; readonly value: number };

const NUMBER = /^(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/;

/**
 * Reads `youden`, `sensitivity=0.95`, `specificity=0.95`, `cost=5` or a number from 0 to 1.
 * @throws UserError if it is none of these.
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
    `"${text}" is no rule for the threshold: give youden, sensitivity=0.95, specificity=0.95 (above 0, to 1), cost=5 (above 0: ` +
      "the false alarms that a missed IDC patch is worth), or a number from 0 to 1.",
  );
}

/** The text that {@link parseThresholdRule} reads as this rule. */
export function thresholdRuleText(rule: ThresholdRule): string {
  if (rule.kind === "youden") return "youden";
  return rule.kind === "fixed" ? String(rule.value) : `${rule.kind}=${rule.value}`;
}

/** How errors speak of the patches of the classes: "0 with IDC and 2 without", "some without IDC". */
export interface PatchPhrases {
  readonly withPositive: string;
  readonly without: string;
  readonly withoutPositive: string;
}

const IDC_PHRASES: PatchPhrases = { withPositive: "with IDC", without: "without", withoutPositive: "without IDC" };

/**
 * The threshold that a rule chooses on patches. It lies midway between two neighbouring distinct scores (above the highest,
 * midway to 1; below the lowest, midway to 0), so that a difference in the last digit, as between devices, does not turn
 * a patch over. Of equally good thresholds it is the highest, which calls the fewest patches IDC.
 * @throws UserError as `tallyOf`; also if a rule needs both classes and one is absent; or if no threshold up to 1 has the
 * specificity asked for.
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

/** One row of the operating table; rates are null if they are undefined. */
export interface OperatingRow {
  /** "chosen" for the threshold given, else the rule, as {@link thresholdRuleText} writes it. */
  readonly point: string;
  readonly threshold: number;
  readonly sensitivity: number | null;
  readonly specificity: number | null;
  readonly ppv: number | null;
  readonly npv: number | null;
  /** The share of patches that are called IDC. */
  readonly share_called: number | null;
}

const POINTS: readonly ThresholdRule[] = [
  { kind: "fixed", value: 0.5 },
  { kind: "youden" },
  ...[0.99, 0.95, 0.9].map((value) => ({ kind: "sensitivity", value }) as const),
  ...[0.9, 0.95, 0.99].map((value) => ({ kind: "specificity", value }) as const),
];

/**
 * What happens at the chosen threshold, at 0.5, and at the thresholds that rules find on these very patches: those rows show
 * what the ranking allows, and flatter, as the threshold has seen the labels. Rules that find none are left out.
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

/**
 * PPV and NPV by Bayes' theorem if the share of IDC is another than in the patches at hand; sensitivity and specificity
 * are taken to stay. Null if nothing is called IDC, or everything.
 * @param prevalence the share of IDC, from 0 to 1, of patches, not of cases
 * @throws UserError if the prevalence is not from 0 to 1.
 */
export function predictiveValues(
  rates: { readonly sensitivity: number; readonly specificity: number },
  prevalence: number,
): { ppv: number | null; npv: number | null } {
  if (!(prevalence >= 0 && prevalence <= 1)) {
    throw new UserError(
      "option-invalid",
      `The prevalence is ${prevalence}: give the share of IDC patches as a number from 0 to 1.`,
    );
  }
  const [tp, fn] = [rates.sensitivity * prevalence, (1 - rates.sensitivity) * prevalence];
  const [tn, fp] = [rates.specificity * (1 - prevalence), (1 - rates.specificity) * (1 - prevalence)];
  const counts = { tn, fp, fn, tp };
  return { ppv: ppv(counts), npv: npv(counts) };
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

/** The highest of the best thresholds up to 1 on patches of both classes; undefined if none is allowed. */
function bestThreshold(tally: Tally, rule: SearchedRule): number | undefined {
  const { scores, positives, negatives, positiveCount, negativeCount } = tally;
  let best: { worth: number; cut: number } | undefined;
  let [tp, fp] = [0, 0];
  // At cut k the k highest scores are called IDC. No threshold up to 1 leaves out a score of 1.
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

/** What a rule makes the most of; minus infinity if it does not allow the counts. Both classes are present. */
function worthOf(confusion: Confusion, rule: SearchedRule): number {
  const { tn, fp, fn, tp } = confusion;
  const [found, cleared] = [tp / (tp + fn), tn / (tn + fp)];
  switch (rule.kind) {
    case "youden":
      // In whole numbers, so that equally good thresholds are equal.
      return tp * (tn + fp) - fp * (tp + fn);
    case "sensitivity":
      return found >= rule.value ? cleared : Number.NEGATIVE_INFINITY;
    case "specificity":
      return cleared >= rule.value ? found : Number.NEGATIVE_INFINITY;
    case "cost":
      return -(rule.value * fn + fp);
  }
}

/** Halfway from one score down to the next; the upper one if no number lies between. */
function midway(upper: number, lower: number): number {
  const middle = lower + (upper - lower) / 2;
  return middle > lower ? middle : upper;
}
