/** Folder names that identify one of two classes without further options. */
import { CLASS_NAMES, type ClassNames } from "./class_names.ts";

/**
 * Two classes that belong together, as spellings of their folder names. Spellings are lower case, without spaces, "-"
 * and "_" between words.
 */
export interface KnownPair {
  /**
   * The names of the classes in the dataset. If undefined, the source's spelling is used, or the first spelling listed
   * here.
   */
  readonly names?: ClassNames;
  readonly negative: readonly string[];
  readonly positive: readonly string[];
}

/** The pair used by the Kaggle release and by the tutorial's folders. */
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

/** Normalises a folder name to the spelling used in this table. */
export function plainName(folder: string): string {
  const lower = folder.normalize("NFC").toLowerCase().trim();
  return lower === "idc-" || lower === "idc+" ? lower : lower.replaceAll(/[\s_-]+/g, "");
}
