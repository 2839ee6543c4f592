/**
 * Keeps the split given by the source's folders (train, validation, test). Refuses a split in which a case occurs in
 * several folders, unless the user asked for it.
 */
import { RandomStream } from "../../system/random.ts";
import { UserError } from "../../util/errors.ts";
import { counted, whole } from "../../util/numbers.ts";
import type { Candidate } from "./parse_path.ts";
import { DEFAULT_SHARES, SPLITS, type Split } from "./split_names.ts";
import type { Splitter } from "./splitter.ts";
import { balancedParts, countCases } from "./stratify.ts";

export interface FolderChoice {
  /** True if the user gave --split folders. */
  readonly explicit: boolean;
  readonly seed: number;
  readonly validationShare?: number | undefined;
}

const ELSE = "choose --split case (whole cases, drawn again) or --split patch";

/**
 * Returns whether the source's folders define the split: true if all patches are in such folders, false if none are.
 * @throws UserError if only some are.
 */
export function isSplitByFolders(candidates: readonly Candidate[]): boolean {
  const within = candidates.filter(({ part }) => part !== undefined).length;
  if (within === 0 || within === candidates.length) return within > 0;
  const outside = candidates.find(({ part }) => part === undefined)!;
  throw new UserError(
    "split-folders-incomplete",
    `Of ${counted(candidates.length, "patch")}, ${whole(within)} lie in folders such as train, validation or test, and the others do not ` +
      `(${outside.path}): ${ELSE}.`,
  );
}

/**
 * Returns the splitter for the split given by the folders. If there is no validation folder, the validation split is
 * drawn from the training folder. It consists of whole cases, or of single patches if the patches name no cases.
 * @throws UserError if no patch is in such a folder, or if a case is in several and the user did not ask for this
 * split.
 */
export function folderSplitter(candidates: readonly Candidate[], choice: FolderChoice): Splitter {
  if (!isSplitByFolders(candidates)) {
    throw new UserError(
      "split-folders-incomplete",
      `No patch lies in a folder named train, validation or test, which --split folders keeps: ${ELSE}.`,
    );
  }
  const found = new Set(candidates.map(({ part }) => part!));
  const draws = found.has("train") && !found.has("val");
  if (choice.validationShare !== undefined && !draws) {
    throw new UserError(
      "options-conflict",
      "The source's folders decide the split, validation included: leave out --validation-share, or add --split case to draw another split.",
    );
  }
  const share = choice.validationShare ?? DEFAULT_SHARES.validation;
  return {
    shares: undefined,
    sharesGiven: false,
    description: { method: "folders", seed: draws ? choice.seed : null, ...(draws ? { validation: share } : {}) },
    select(all, _, warn) {
      requireCasesApart(all, choice.explicit, warn);
      return [...all];
    },
    assign: (all) => (draws ? withValidation(all, share, choice.seed) : all.map(({ part }) => part!)),
  };
}

function requireCasesApart(
  candidates: readonly Candidate[],
  explicit: boolean,
  warn: (sentence: string) => void,
): void {
  const parts = new Map<string, Set<Split>>();
  for (const { caseId, part } of candidates) {
    if (!parts.has(caseId)) parts.set(caseId, new Set());
    parts.get(caseId)!.add(part!);
  }
  if (parts.delete("")) {
    warn(
      "The split of the source's folders is kept, but patches name no case: a case may lie in several parts, and scores on it are then too good.",
    );
  }
  const mixed = [...parts].filter(([, own]) => own.size > 1).map(([caseId]) => caseId);
  if (mixed.length === 0) return;
  const which =
    `${counted(mixed.length, "case")} of ${whole(parts.size)} ${mixed.length === 1 ? "lies" : "lie"} in several of the source's folders ` +
    `${SPLITS.join(", ")} (${mixed.slice(0, 5).join(", ")}${mixed.length > 5 ? " ..." : ""})`;
  if (!explicit) {
    throw new UserError(
      "case-in-two-splits",
      `${which}, so that scores would be too good: add --split case to draw whole cases again, or --split folders to keep them as they are.`,
    );
  }
  warn(`${which}: scores are too good, because the model is tested on cases that it has seen.`);
}

/** Moves a part of the training split to the validation split. */
function withValidation(candidates: readonly Candidate[], share: number, seed: number): Split[] {
  const training = candidates.filter(({ part }) => part === "train");
  const cases = countCases(training);
  const byCase = cases.length > 1 && training.every(({ caseId }) => caseId !== "");
  const drawn = byCase ? validationCases(cases, share, seed) : validationPatches(training, share, seed);
  return candidates.map((one) => (one.part === "train" && drawn(one) ? "val" : one.part!));
}

function validationCases(cases: ReturnType<typeof countCases>, share: number, seed: number) {
  const part = balancedParts(cases, [1 - share, share], seed);
  return ({ caseId }: Candidate): boolean => part.get(caseId) === 1;
}

function validationPatches(training: readonly Candidate[], share: number, seed: number) {
  const order = new RandomStream(seed, "validation").shuffle([...training]);
  const drawn = new Set(order.slice(0, Math.floor(training.length * share)));
  return (candidate: Candidate): boolean => drawn.has(candidate);
}
