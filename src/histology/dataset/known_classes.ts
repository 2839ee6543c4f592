/** The names of class folders that say by themselves which of two classes they hold. */
import { CLASS_NAMES, type ClassNames } from "./class_names.ts";

/** Two classes that belong together, by the spellings of their folders (lower case, without spaces, "-" and "_" between words). */
export interface KnownPair {
  /** What the classes are called in a dataset; undefined: as the folders spell them, or else by the first spelling. */
  readonly names?: ClassNames;
  readonly negative: readonly string[];
  readonly positive: readonly string[];
}

/** The pair of the Kaggle release, and of the tutorial's tree. */
export const NUMBERED: KnownPair = { names: CLASS_NAMES, negative: ["0"], positive: ["1"] };

export const KNOWN_PAIRS: readonly KnownPair[] = [
  NUMBERED,
  { names: CLASS_NAMES, negative: ["class0"], positive: ["class1"] },
  {
    names: CLASS_NAMES,
    negative: ["noidc", "nonidc", "notidc", "withoutidc", "idcnegative", "idcneg", "negativeidc", "idc-"],
    positive: ["idc", "withidc", "idcpositive", "idcpos", "positiveidc", "idc+"],
  },
  { negative: ["benign"], positive: ["malignant", "malign"] },
  { negative: ["negative", "neg"], positive: ["positive", "pos"] },
  {
    negative: ["normal", "healthy", "nontumor", "nontumour", "notumor", "notumour"],
    positive: ["tumor", "tumour", "tumorous", "tumourous"],
  },
  {
    negative: ["noncancer", "nocancer", "noncancerous", "normal", "healthy", "benign"],
    positive: ["cancer", "cancerous", "carcinoma"],
  },
  { negative: ["noninvasive"], positive: ["invasive"] },
];

/** A folder's name as the table spells it. */
export function plainName(folder: string): string {
  const lower = folder.normalize("NFC").toLowerCase().trim();
  return lower === "idc-" || lower === "idc+" ? lower : lower.replaceAll(/[\s_-]+/g, "");
}
