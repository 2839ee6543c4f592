/** Phrases for the two classes of a model or a dataset in sentences, tables and charts, built from the class names. */
import { CLASS_NAMES, type ClassNames } from "../histology/dataset/class_names.ts";

/** The phrases. The comments show each one for "no IDC" and "IDC", and for "benign" and "malignant". */
export interface ClassWords {
  readonly negative: string;
  readonly positive: string;
  /** Whether the classes are those of the published IDC patches. The origin of those labels is known. */
  readonly published: boolean;
  /** "patches with IDC", "patches labelled malignant" */
  readonly withPositive: string;
  /** "patches without IDC", "patches labelled benign" */
  readonly withoutPositive: string;
  /**
   * The short form if the other class follows: "patches without and 3 with IDC", "patches labelled benign and 3
   * labelled malignant"
   */
  readonly without: string;
  /**
   * "of all pairs of a patch with and a patch without IDC", "of all pairs of a patch labelled malignant and a patch
   * labelled benign"
   */
  readonly pair: string;
  /** "10 patches have IDC", "10 patches are labelled malignant" */
  readonly havePositive: string;
  /** "a share has IDC", "a share is labelled malignant" */
  readonly hasPositive: string;
  /** "probability of IDC", "probability of malignant" */
  readonly probabilityOf: string;
  /** "P(IDC)", "P(malignant)" */
  readonly shortProbability: string;
  /** "share of IDC", "share labelled malignant" */
  readonly share: string;
  /** The plural of `share`. */
  readonly shares: string;
  /** "patches with and without IDC", "patches of both classes" */
  readonly ofBoth: string;
  /** A clause that explains why predictive values may differ for other data. */
  readonly rarer: string;
  /** What this model does not detect, in addition to what no model of this package detects. */
  readonly outOfScope: string;
}

/**
 * Builds the phrases for two classes.
 * @param shown converts a name for the output; use `visible` for a terminal
 */
export function classWords(names: ClassNames, shown: (name: string) => string = String): ClassWords {
  const [negative, positive] = [shown(names[0]), shown(names[1])];
  const published = names[0] === CLASS_NAMES[0] && names[1] === CLASS_NAMES[1];
  const common = {
    negative,
    positive,
    published,
    probabilityOf: `probability of ${positive}`,
    shortProbability: `P(${positive})`,
  };
  return { ...common, ...(published ? PUBLISHED : phrasesFor(negative, positive)) };
}

type Phrases = Omit<ClassWords, "negative" | "positive" | "published" | "probabilityOf" | "shortProbability">;

const PUBLISHED: Phrases = {
  withPositive: "with IDC",
  withoutPositive: "without IDC",
  without: "without",
  pair: "a patch with and a patch without IDC",
  havePositive: "have IDC",
  hasPositive: "has IDC",
  share: "share of IDC",
  shares: "shares of IDC",
  ofBoth: "with and without IDC",
  rarer: "if IDC is rarer, cases often differ in more than its share",
  outOfScope: "other cancers than IDC",
};

/**
 * A name may be an adjective or a noun, so the phrases always say that a patch is "labelled" or "called" by that name.
 */
function phrasesFor(negative: string, positive: string): Phrases {
  return {
    withPositive: `labelled ${positive}`,
    withoutPositive: `labelled ${negative}`,
    without: `labelled ${negative}`,
    pair: `a patch labelled ${positive} and a patch labelled ${negative}`,
    havePositive: `are labelled ${positive}`,
    hasPositive: `is labelled ${positive}`,
    share: `share labelled ${positive}`,
    shares: `shares labelled ${positive}`,
    ofBoth: "of both classes",
    rarer: "if such patches are rarer, cases often differ in more than their share",
    outOfScope: `classes other than ${negative} and ${positive}`,
  };
}
