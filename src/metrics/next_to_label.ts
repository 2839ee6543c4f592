/**
 * Chooses the patches that a person should judge next: the most uncertain ones, with diversity, and a tenth at random.
 * label_error_rate.ts computes how many labels are wrong from the verdicts on the random ones.
 */
import { UserError } from "../util/errors.ts";
import type { RandomSource } from "../util/random_source.ts";
import { clippedLogit } from "./calibration.ts";

/** A patch that may be judged. */
export interface QueuedPatch {
  /** The probability of IDC, from 0 to 1. */
  readonly probability: number;
  /** The case's name; "" if it is unknown, which counts as a case by itself. */
  readonly case: string;
  /** Left and upper edge in slide pixels; undefined if unknown, which is in no patch's neighbourhood. */
  readonly x?: number | undefined;
  readonly y?: number | undefined;
  /** Whether a person has judged it. */
  readonly judged: boolean;
}

/** The limits of a page. */
export interface PageRules {
  /** The largest number of items on the page. */
  readonly items: number;
  /** The number of items on earlier pages, so that every tenth of all items is blind. */
  readonly before: number;
  readonly threshold: number;
  /** The width of a patch in slide pixels. */
  readonly side: number;
  /** Two patches of a case are neighbours if they differ by at most this number of sides in x and in y. */
  readonly reach: number;
  /** The largest number of items of one case. */
  readonly perCase: number;
}

/** A patch of the page. */
export interface PageItem {
  /** The place of the patch among the candidates. */
  readonly patch: number;
  /** Drawn at random: to be shown without label and probability. */
  readonly blind: boolean;
}

/** One item in this many is blind. */
const BLIND_EVERY = 10;

/**
 * The next page. Items come in the order of uncertainty: by the distance between the logits of probability and
 * threshold, equal ones in the order of the candidates. No two of them are neighbours, and no case has more than
 * `perCase` of them. Items 10, 20, 30, ... are blind: drawn from all candidates that are not judged, with the same
 * chance for each, whatever the limits, and the limits do not count them. Verdicts on them therefore say how many labels
 * are wrong among the patches that were not judged before. The page is shorter than `items` if the
 * limits leave no more patches.
 * @param random the only source of chance: the same stream and inputs give the same page
 * @throws UserError if a probability is not from 0 to 1, the threshold is not a number, or a rule is out of its range.
 */
export function nextToLabel(candidates: readonly QueuedPatch[], rules: PageRules, random: RandomSource): PageItem[] {
  checkRules(rules);
  const open = [...candidates.keys()].filter((patch) => !candidates[patch]!.judged);
  const places = Array.from({ length: Math.min(rules.items, open.length) }, (_, place) => rules.before + place + 1);
  const isBlind = (place: number) => place % BLIND_EVERY === 0;
  // Drawn first, so that the page's uncertain patches have the same chance as all others.
  const blind = drawn(open, places.filter(isBlind).length, random);
  const taken = new Set(blind);
  const uncertain = byUncertainty(candidates, open, rules.threshold)
    .values()
    .filter((patch) => !taken.has(patch))
    .filter(diverse(candidates, rules));
  const items: PageItem[] = [];
  for (const place of places) {
    const patch = isBlind(place) ? blind.shift() : uncertain.next().value;
    if (patch === undefined) break;
    items.push({ patch, blind: isBlind(place) });
  }
  return items;
}

/** Draws different elements, each with the same chance (Fisher & Yates). */
function drawn(from: readonly number[], count: number, random: RandomSource): number[] {
  const pool = [...from];
  return Array.from({ length: count }, (_, i) => {
    const other = i + random.integer(pool.length - i);
    const chosen = pool[other]!;
    pool[other] = pool[i]!;
    return chosen;
  });
}

function byUncertainty(candidates: readonly QueuedPatch[], open: readonly number[], threshold: number): number[] {
  const middle = clippedLogit(Math.min(Math.max(threshold, 0), 1));
  const distances = new Float64Array(candidates.length);
  for (const patch of open) {
    const { probability } = candidates[patch]!;
    if (!(probability >= 0 && probability <= 1)) {
      throw new UserError(
        "probability-invalid",
        `Probability ${patch + 1} of ${candidates.length} is ${probability}: give a number from 0 to 1.`,
      );
    }
    distances[patch] = Math.abs(clippedLogit(probability) - middle);
  }
  return open.toSorted((a, b) => distances[a]! - distances[b]!);
}

/** Accepts a patch if it keeps the limits beside those that were accepted before. */
function diverse(candidates: readonly QueuedPatch[], { reach, side, perCase }: PageRules): (patch: number) => boolean {
  const accepted = new Map<string, QueuedPatch[]>();
  const near = (a: number | undefined, b: number | undefined) =>
    a !== undefined && b !== undefined && Math.abs(a - b) <= reach * side;
  return (patch) => {
    const candidate = candidates[patch]!;
    if (candidate.case === "") return true;
    const others = accepted.get(candidate.case) ?? [];
    if (others.length >= perCase) return false;
    if (others.some(({ x, y }) => near(x, candidate.x) && near(y, candidate.y))) return false;
    accepted.set(candidate.case, [...others, candidate]);
    return true;
  };
}

function checkRules({ items, before, threshold, side, reach, perCase }: PageRules): void {
  const rules: [name: string, value: number, fits: boolean, expected: string][] = [
    ["number of items", items, Number.isInteger(items) && items >= 1, "a whole number from 1"],
    ["number of items before", before, Number.isInteger(before) && before >= 0, "a whole number from 0"],
    ["threshold", threshold, !Number.isNaN(threshold), "a probability from 0 to 1"],
    ["side of a patch", side, side > 0, "its pixels, more than 0"],
    ["reach", reach, reach >= 0, "a number of sides, 0 or more"],
    ["number of items per case", perCase, Number.isInteger(perCase) && perCase >= 1, "a whole number from 1"],
  ];
  const wrong = rules.find(([, , fits]) => !fits);
  if (wrong) throw new UserError("option-invalid", `The ${wrong[0]} is ${wrong[1]}: give ${wrong[3]}.`);
}
