/** The overlap between the evaluated split and the training: types and words. */
import type { Split } from "../../histology/dataset/split_names.ts";
import { counted } from "../../util/numbers.ts";

/** The overlap of the evaluated split with one other split. */
export interface Overlap {
  readonly split: Split;
  /** The number of cases in both splits; null if the dataset has no case names. */
  readonly shared_cases: number | null;
  /** The number of patches of the evaluated split whose pixels are identical to those of a patch in the other split. */
  readonly shared_patches: number;
}

/** What the model knows of a split of another dataset than that of its training, by the patches that its card remembers. */
export interface KnownPatches {
  /** The number of the training's patches that were compared, a few of each case. */
  readonly compared: number;
  /** The number of patches of the split that are among them. */
  readonly patches: number;
  /** The number of cases of the split with such a patch; null if the dataset has no case names. */
  readonly cases: number | null;
}

export type Leakage =
  | { readonly checked: true; readonly overlaps: readonly Overlap[]; readonly found: boolean }
  | { readonly checked: false; readonly reason: string; readonly known?: KnownPatches };

/** "49 cases of test were used to make the model". */
export const knownText = ({ cases, patches }: KnownPatches, split: Split): string =>
  cases === null
    ? `${counted(patches, "patch")} of ${split} ${patches === 1 ? "was" : "were"} used to make the model`
    : `${counted(cases, "case")} of ${split} ${cases === 1 ? "was" : "were"} used to make the model`;

/** "none of the 1,720 remembered patches of the training, a few of each case, is in test". */
export const unknownText = ({ compared }: KnownPatches, split: Split): string =>
  `none of the ${counted(compared, "remembered patch")} of the training, a few of each case, is in ${split}`;

/** One sentence or two on a split that cannot be compared with the whole training. */
export function uncheckedText({ known, reason }: Extract<Leakage, { checked: false }>, split: Split): string {
  if (known === undefined) return `Whether the training saw these patches cannot be checked: ${reason}.`;
  if (known.patches > 0) return `${knownText(known, split)}: the numbers flatter the model.`;
  return `Whether the training saw these cases cannot be checked completely (${reason}), but ${unknownText(known, split)}.`;
}
