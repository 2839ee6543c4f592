/** Whether the evaluated cases look like the training's: the numbers, and the sentences about them. */
import { counted, whole } from "../../util/numbers.ts";
import { visible } from "../../util/terminal_text.ts";

/** A case's distance from the training's cases, by the statistics of `patches` of its patches. */
export interface CaseLikeness {
  readonly case: string;
  readonly patches: number;
  readonly distance: number;
  /** Whether the distance is larger than the limit. */
  readonly beyond: boolean;
}

export type Likeness =
  | {
      readonly examined: true;
      readonly training_cases: number;
      /** The distance that at most one in twenty cases like the training's exceeds. */
      readonly limit: number;
      /** The share of like cases beyond the limit. */
      readonly expected_share: number;
      /** The number of evaluated cases beyond the limit, and their share. */
      readonly beyond: number;
      readonly share: number;
      /** The chance that so many or more of as many like cases are beyond the limit. */
      readonly p_value: number;
      /** Whether that chance is below 1 %. */
      readonly unlike: boolean;
      readonly cases: readonly CaseLikeness[];
    }
  | { readonly examined: false; readonly reason: keyof typeof REASONS };

const REASONS = {
  model:
    "this model does not describe its training cases (it does if this version trained it on at least 19 named cases)",
  version: "this model describes its training cases by the statistics of another version",
  unnamed: "the evaluated patches name no cases",
  probe: "a probe does not describe its training cases",
} as const;

/** Names of more cases are in report.json only. */
const MOST_NAMES = 10;

/** One sentence for every report; undefined for reports of earlier versions. */
export function likenessText(likeness: Likeness | undefined): string | undefined {
  if (likeness === undefined) return undefined;
  if (!likeness.examined) {
    return `Whether these cases look like the training's was not examined: ${REASONS[likeness.reason]}.`;
  }
  const { cases, beyond, share, expected_share, training_cases, p_value } = likeness;
  const names = namesOf(likeness);
  return (
    `These cases ${likeness.unlike ? "look" : "do not look"} unlike the training's: ${whole(beyond)} of ` +
    `${counted(cases.length, "case")} (${percentText(share)}) ${beyond === 1 ? "is" : "are"} beyond the distance that ` +
    `${percentText(expected_share)} of cases like the training's ${whole(training_cases)} exceed, by colour, detail and the ` +
    `model's features (p ${pText(p_value)})${names === "" ? "" : `: ${names}`}. ` +
    (likeness.unlike
      ? "The threshold and the probabilities may not hold for them."
      : "Cases that look alike can still be harder for the model.")
  );
}

/** The warning if the cases look unlike the training's. */
export function likenessWarnings(likeness: Likeness | undefined): string[] {
  return likeness?.examined && likeness.unlike ? [likenessText(likeness)!] : [];
}

function namesOf({ cases }: Extract<Likeness, { examined: true }>): string {
  const beyond = cases
    .filter((one) => one.beyond)
    .toSorted((one, other) => other.distance - one.distance)
    .map((one) => visible(one.case));
  const more = beyond.length - MOST_NAMES;
  return `${beyond.slice(0, MOST_NAMES).join(", ")}${more > 0 ? ` and ${counted(more, "more case", "more cases")}` : ""}`;
}

const percentText = (share: number): string => `${(100 * share).toFixed(1)} %`;
const pText = (p: number): string => (p < 0.001 ? "< 0.001" : `= ${p.toFixed(3)}`);
