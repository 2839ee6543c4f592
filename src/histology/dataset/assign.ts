/** Decides how a dataset is split, as the options say, and checks that its patches allow it. */
import { UserError } from "../../util/errors.ts";
import { withoutDecimals } from "../../util/foreign_table.ts";
import { counted } from "../../util/numbers.ts";
import { countCases } from "./balance.ts";
import type { DatasetDescription } from "./description.ts";
import type { Candidate } from "./naming.ts";
import { byCodeUnits } from "./plan.ts";
import type { Rejection } from "./rejection.ts";
import { readSplitLists } from "./split_lists.ts";
import { DEFAULT_SHARES, SPLITS, type Split, type SplitShares, splitByCase, splitByPatch } from "./splits.ts";

/** The user's choice. */
export interface SplitChoice {
  split: "case" | "patch";
  /** The folder of the case lists, which then decide instead of the seed. */
  splitLists?: string | undefined;
  seed: number;
  /** Of all patches, what is for training and validation; the tutorial's .8 if not given. */
  trainShare?: number | undefined;
  /** Of the training part, what is for validation; the tutorial's .1 if not given. */
  validationShare?: number | undefined;
}

/** A way to split: first it leaves out what it has no place for, then it gives each patch that decoded its split. */
export interface Splitter {
  /** The shares aimed at; undefined if lists decide. */
  shares: SplitShares | undefined;
  /** Whether the user gave shares: then no split may stay empty. */
  sharesGiven: boolean;
  description: DatasetDescription["split"];
  /** Takes the candidates that have a place; adds the others to the rejections. Warnings are whole sentences. */
  select(candidates: readonly Candidate[], rejections: Rejection[], warn: (sentence: string) => void): Candidate[];
  assign(candidates: readonly Candidate[]): Split[];
}

/** @throws UserError where the choice contradicts itself or the lists cannot be read. */
export async function chooseSplitter(choice: SplitChoice): Promise<Splitter> {
  const { split, splitLists, seed, trainShare, validationShare } = choice;
  if (split === "patch" && splitLists !== undefined) {
    throw new UserError(
      "--split-lists holds lists of cases and does not go with --split patch: leave one of them out.",
    );
  }
  const sharesGiven = trainShare !== undefined || validationShare !== undefined;
  if (splitLists !== undefined) {
    if (sharesGiven) {
      throw new UserError(
        "--split-lists decides the split alone: leave out --train-share and --validation-share, or leave out --split-lists.",
      );
    }
    return listSplitter(splitLists, await readSplitLists(splitLists));
  }
  const shares = {
    train: trainShare ?? DEFAULT_SHARES.train,
    validation: validationShare ?? DEFAULT_SHARES.validation,
  };
  return { ...(split === "patch" ? patchSplitter(seed, shares) : caseSplitter(seed, shares)), sharesGiven };
}

type SeededSplitter = Omit<Splitter, "sharesGiven">;

/** What dataset.json says of a seeded split; the default shares are left out, as earlier versions did. */
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

/** A spreadsheet or pandas turns case 8917 into 8917.0: such a case would be left out. */
function requireNoFloats(listed: readonly string[], byCase: ReadonlyMap<string, unknown>, folder: string): void {
  const wrong = listed.find((caseId) => !byCase.has(caseId) && byCase.has(withoutDecimals(caseId)));
  if (wrong === undefined) return;
  throw new UserError(
    `The lists of ${folder} name a case ${wrong}, which is ${withoutDecimals(wrong)} in the source: write case ids as text, without decimals.`,
  );
}

function assertCasesKnown(candidates: readonly Candidate[]): void {
  const unknown = candidates.filter(({ caseId }) => caseId === "");
  if (unknown.length === 0) return;
  const how = unknown.length === candidates.length ? "No patch" : `Not every patch`;
  throw new UserError(
    `${how} tells its case (${unknown[0]!.path} does not): put each case's patches into <case>/0 and <case>/1, or use ` +
      "--split patch, knowing that scores are then too good.",
  );
}

/** The splits that got no patch. */
export function emptySplits(splits: readonly Split[]): Split[] {
  return SPLITS.filter((split) => !splits.includes(split));
}

/**
 * Refuses a split that shares of the user's leave empty.
 * @throws UserError that names the empty splits.
 */
export function requireFullSplits({ sharesGiven, shares }: Splitter, splits: readonly Split[]): void {
  const empty = emptySplits(splits);
  if (!sharesGiven || shares === undefined || empty.length === 0) return;
  throw new UserError(
    `--train-share ${shares.train} and --validation-share ${shares.validation} leave no patch for ${empty.join(" and ")} ` +
      `among ${counted(splits.length, "patch")}: choose other shares, or prepare more cases.`,
  );
}

function cases(ids: readonly string[]): string {
  return ids.length === 1 ? "1 case is" : `${counted(ids.length, "case")} are`;
}

/** The first few of a list. */
function some(ids: readonly string[]): string {
  return ids.length <= 5 ? ids.join(", ") : `${ids.slice(0, 5).join(", ")} and ${ids.length - 5} more`;
}
