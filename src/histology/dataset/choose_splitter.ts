/** Chooses how to split a dataset from the user's options, and checks that its patches allow it. */
import { UserError } from "../../util/errors.ts";
import { withoutDecimals } from "../../util/foreign_table.ts";
import { counted } from "../../util/numbers.ts";
import type { DatasetDescription } from "./description.ts";
import { folderSplitter, isSplitByFolders } from "./folder_split.ts";
import type { Candidate } from "./parse_path.ts";
import { byCodeUnits } from "./plan.ts";
import { readSplitLists } from "./split_lists.ts";
import { DEFAULT_SHARES, emptySplits, type SPLIT_METHODS, type Split, type SplitShares } from "./split_names.ts";
import { splitByCase, splitByPatch } from "./splits.ts";
import type { Splitter } from "./splitter.ts";
import { countCases } from "./stratify.ts";

/** The user's options. */
export interface SplitChoice {
  /** If undefined, the source's folders decide when they name splits. Otherwise the split is by case. */
  split?: (typeof SPLIT_METHODS)[number] | undefined;
  /** The folder with the case lists. If given, they determine the split instead of the seed. */
  splitLists?: string | undefined;
  seed: number;
  /** The fraction of all patches for training and validation together. Default: the tutorial's 0.8. */
  trainShare?: number | undefined;
  /** The fraction of that training share for validation. Default: the tutorial's 0.1. */
  validationShare?: number | undefined;
}

/**
 * Checks the options and reads the lists. Returns a function that creates the splitter for the patches of a source.
 * @throws UserError if the options contradict each other or the lists cannot be read. The returned function throws it
 * if the patches do not allow the chosen split.
 */
export async function chooseSplitter(choice: SplitChoice): Promise<(candidates: readonly Candidate[]) => Splitter> {
  const { split, splitLists, seed, trainShare, validationShare } = choice;
  const sharesGiven = trainShare !== undefined || validationShare !== undefined;
  if (splitLists !== undefined) {
    requireListsAlone(choice, sharesGiven);
    const lists = listSplitter(splitLists, await readSplitLists(splitLists));
    return () => lists;
  }
  if (split === "folders" && trainShare !== undefined) {
    throw new UserError(
      "options-conflict",
      "With --split folders the source's folders decide the split: leave out --train-share, or use --split case.",
    );
  }
  const shares = {
    train: trainShare ?? DEFAULT_SHARES.train,
    validation: validationShare ?? DEFAULT_SHARES.validation,
  };
  return (candidates) => {
    const keeps = split === "folders" || (split === undefined && isSplitByFolders(candidates));
    if (!keeps)
      return { ...(split === "patch" ? patchSplitter(seed, shares) : caseSplitter(seed, shares)), sharesGiven };
    if (trainShare !== undefined) {
      throw new UserError(
        "options-conflict",
        "The source is split already, by its folders such as train and test: add --split case to draw another split with --train-share, or leave the option out.",
      );
    }
    return folderSplitter(candidates, { explicit: split === "folders", seed, validationShare });
  };
}

function requireListsAlone({ split }: SplitChoice, sharesGiven: boolean): void {
  if (split === "patch") {
    throw new UserError(
      "options-conflict",
      "--split-lists holds lists of cases and cannot be combined with --split patch: leave one of them out.",
    );
  }
  if (split === "folders") {
    throw new UserError(
      "options-conflict",
      "--split-lists and --split folders both decide the split: leave one of them out.",
    );
  }
  if (sharesGiven) {
    throw new UserError(
      "options-conflict",
      "--split-lists decides the split alone: leave out --train-share and --validation-share, or leave out --split-lists.",
    );
  }
}

type SeededSplitter = Omit<Splitter, "sharesGiven">;

/** The description of a seeded split for dataset.json. Default shares are omitted, as in earlier versions. */
function described(method: "case" | "patch", seed: number, shares: SplitShares): DatasetDescription["split"] {
  const usual = shares.train === DEFAULT_SHARES.train && shares.validation === DEFAULT_SHARES.validation;
  return usual ? { method, seed } : { method, seed, shares };
}

function patchSplitter(seed: number, shares: SplitShares): SeededSplitter {
  return {
    shares,
    description: described("patch", seed, shares),
    select(candidates, _, warn) {
      warn(
        "With --split patch, patches of one case land in several splits: scores on them are too good, because the model " +
          "is tested on cases that it has seen. No case lists are written. Use --split case for results to rely on.",
      );
      return [...candidates];
    },
    assign: (candidates) => splitByPatch(candidates.length, seed, shares),
  };
}

function caseSplitter(seed: number, shares: SplitShares): SeededSplitter {
  return {
    shares,
    description: described("case", seed, shares),
    select(candidates) {
      assertCasesKnown(candidates);
      return [...candidates];
    },
    assign(candidates) {
      const splitOfCase = splitByCase(countCases(candidates), seed, shares);
      return candidates.map(({ caseId }) => splitOfCase.get(caseId)!);
    },
  };
}

function listSplitter(folder: string, splitOfCase: ReadonlyMap<string, Split>): Splitter {
  return {
    shares: undefined,
    sharesGiven: false,
    description: { method: "lists", seed: null },
    select(candidates, rejections, warn) {
      assertCasesKnown(candidates);
      const byCase = Map.groupBy(candidates, ({ caseId }) => caseId);
      const unlisted = [...byCase.keys()].filter((caseId) => !splitOfCase.has(caseId));
      for (const caseId of unlisted) {
        const files = byCase.get(caseId)!;
        const reason = `case ${caseId} is in no split list: it is left out, with ${counted(files.length, "patch")}`;
        rejections.push({ path: files[0]!.path, kind: "noList", reason, files: files.length });
      }
      requireNoFloats([...splitOfCase.keys()], byCase, folder);
      const missing = [...splitOfCase.keys()].filter((caseId) => !byCase.has(caseId)).sort(byCodeUnits);
      if (unlisted.length === byCase.size) {
        throw new UserError(
          "split-lists-mismatch",
          `No case of the source is in the lists of ${folder} (source: ${some([...byCase.keys()])}; ` +
            `lists: ${some(missing)}): give the lists that belong to this source.`,
        );
      }
      if (unlisted.length > 0) warn(`${cases(unlisted)} in no split list and left out: ${some(unlisted)}.`);
      if (missing.length > 0) warn(`${cases(missing)} in the split lists but not in the source: ${some(missing)}.`);
      return candidates.filter(({ caseId }) => splitOfCase.has(caseId));
    },
    assign: (candidates) => candidates.map(({ caseId }) => splitOfCase.get(caseId)!),
  };
}

/** A spreadsheet or pandas can turn case 8917 into 8917.0. Without this check such a case would be left out. */
function requireNoFloats(listed: readonly string[], byCase: ReadonlyMap<string, unknown>, folder: string): void {
  const wrong = listed.find((caseId) => !byCase.has(caseId) && byCase.has(withoutDecimals(caseId)));
  if (wrong === undefined) return;
  throw new UserError(
    "split-lists-mismatch",
    `The lists of ${folder} name a case ${wrong}, which is ${withoutDecimals(wrong)} in the source: write case ids as text, without decimals.`,
  );
}

function assertCasesKnown(candidates: readonly Candidate[]): void {
  const unknown = candidates.filter(({ caseId }) => caseId === "");
  if (unknown.length === 0) return;
  const how = unknown.length === candidates.length ? "No patch" : `Not every patch`;
  throw new UserError(
    "case-unknown",
    `${how} names its case (${unknown[0]!.path} does not): put each case's patches into <case>/0 and <case>/1, or use ` +
      "--split patch, knowing that scores are then too good.",
  );
}

/**
 * Refuses a split that is empty because of shares given by the user.
 * @throws UserError that names the empty splits.
 */
export function requireFullSplits({ sharesGiven, shares }: Splitter, splits: readonly Split[]): void {
  const empty = emptySplits(splits);
  if (!sharesGiven || shares === undefined || empty.length === 0) return;
  throw new UserError(
    "split-empty",
    `--train-share ${shares.train} and --validation-share ${shares.validation} leave no patch for ${empty.join(" and ")} ` +
      `among ${counted(splits.length, "patch")}: choose other shares, or prepare more cases.`,
  );
}

function cases(ids: readonly string[]): string {
  return ids.length === 1 ? "1 case is" : `${counted(ids.length, "case")} are`;
}

/** The first five ids, and the number of the others. */
function some(ids: readonly string[]): string {
  return ids.length <= 5 ? ids.join(", ") : `${ids.slice(0, 5).join(", ")} and ${ids.length - 5} more`;
}
