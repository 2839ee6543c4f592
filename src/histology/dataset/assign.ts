/** Decides how a dataset is split, as the options say, and checks that its patches allow it. */
import { UserError } from "../../util/errors.ts";
import { counted } from "../../util/numbers.ts";
import { countCases } from "./balance.ts";
import type { DatasetDescription } from "./description.ts";
import type { Candidate } from "./naming.ts";
import { byCodeUnits } from "./plan.ts";
import type { Rejection } from "./rejection.ts";
import { readSplitLists } from "./split_lists.ts";
import { SPLITS, type Split, splitByCase, splitByPatch } from "./splits.ts";

/** The user's choice. */
export interface SplitChoice {
  split: "case" | "patch";
  /** The folder of the case lists, which then decide instead of the seed. */
  splitLists?: string | undefined;
  seed: number;
}

/** A way to split: first it leaves out what it has no place for, then it gives each patch that decoded its split. */
export interface Splitter {
  description: DatasetDescription["split"];
  /** Takes the candidates that have a place; adds the others to the rejections. Warnings are whole sentences. */
  select(candidates: readonly Candidate[], rejections: Rejection[], warn: (sentence: string) => void): Candidate[];
  assign(candidates: readonly Candidate[]): Split[];
}

/** @throws UserError where the choice contradicts itself or the lists cannot be read. */
export async function chooseSplitter({ split, splitLists, seed }: SplitChoice): Promise<Splitter> {
  if (split === "patch" && splitLists !== undefined) {
    throw new UserError(
      "--split-lists holds lists of cases and does not go with --split patch: leave one of them out.",
    );
  }
  if (split === "patch") return patchSplitter(seed);
  return splitLists === undefined ? caseSplitter(seed) : listSplitter(splitLists, await readSplitLists(splitLists));
}

function patchSplitter(seed: number): Splitter {
  return {
    description: { method: "patch", seed },
    select(candidates, _, warn) {
      warn(
        "With --split patch, patches of one case land in several splits: scores on them are too good, because the model " +
          "is tested on cases that it has seen. No case lists are written. Use --split case for results to rely on.",
      );
      return [...candidates];
    },
    assign: (candidates) => splitByPatch(candidates.length, seed),
  };
}

function caseSplitter(seed: number): Splitter {
  return {
    description: { method: "case", seed },
    select(candidates) {
      assertCasesKnown(candidates);
      return [...candidates];
    },
    assign(candidates) {
      const splitOfCase = splitByCase(countCases(candidates), seed);
      return candidates.map(({ caseId }) => splitOfCase.get(caseId)!);
    },
  };
}

function listSplitter(folder: string, splitOfCase: ReadonlyMap<string, Split>): Splitter {
  return {
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

function cases(ids: readonly string[]): string {
  return ids.length === 1 ? "1 case is" : `${counted(ids.length, "case")} are`;
}

/** The first few of a list. */
function some(ids: readonly string[]): string {
  return ids.length <= 5 ? ids.join(", ") : `${ids.slice(0, 5).join(", ")} and ${ids.length - 5} more`;
}
