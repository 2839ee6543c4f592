/**
 * Groups patches by case, in an order that does not depend on the order of the patches, and measures how much the cases
 * differ in size.
 */
import { UserError } from "../util/errors.ts";
import { counted } from "../util/numbers.ts";

/** Patches grouped by case. A patch without a case is a cluster by itself. */
export interface Clusters {
  readonly count: number;
  /** [patches] The cluster of each patch. */
  readonly ofPatch: Uint32Array;
  /**
   * [patches] The patches sorted by their keys, equal ones by cluster. Sums in this order are identical to the last bit
   * for any order of the patches.
   */
  readonly order: Uint32Array;
}

/**
 * The clusters of patches by case name, sorted by name (by UTF-16 unit), then one cluster per patch whose case is "",
 * sorted by key. The result does not depend on the order of the patches.
 * @param keys [keys][n] the numbers that distinguish patches: label, probabilities
 * @throws UserError if the numbers of cases and patches differ.
 */
export function clustersOf(cases: readonly string[], keys: readonly ArrayLike<number>[]): Clusters {
  for (const key of keys) checkCases(cases, key.length);
  const names = [...new Set(cases)].filter((name) => name !== "").sort();
  const places = new Map(names.map((name, place) => [name, place]));
  const [ofPatch, order] = [new Uint32Array(cases.length), new Uint32Array(cases.length)];
  for (const [patch, name] of cases.entries()) {
    ofPatch[patch] = places.get(name) ?? names.length;
    order[patch] = patch;
  }
  order.sort((a, b) => {
    for (const key of keys) if (key[a] !== key[b]) return key[a]! - key[b]!;
    return ofPatch[a]! - ofPatch[b]!;
  });
  let count = names.length;
  for (const patch of order) if (cases[patch] === "") ofPatch[patch] = count++;
  return { count, ofPatch, order };
}

/** @throws UserError if the numbers of cases and patches differ. */
export function checkCases(cases: readonly string[], patches: number): void {
  if (cases.length === patches) return;
  throw new UserError(
    "data-mismatch",
    `${counted(cases.length, "case")} came with ${counted(patches, "patch")}: give one case per patch, "" for none.`,
  );
}

/** How much cases differ in size. */
export interface CaseSizes {
  /**
   * The effective number of cases, (sum of sizes)^2 / (sum of squared sizes). That many equal cases would have the same
   * variance (Kish 1965).
   */
  readonly effective: number;
  /** The number of cases that `largest_share` counts: three, or all if there are fewer. */
  readonly largest: number;
  /** The fraction of the patches that belong to the largest cases. */
  readonly largest_share: number;
}

const LARGEST = 3;

/** The sizes of the named cases; null if there are none. */
export function caseSizesOf(cases: readonly string[]): CaseSizes | null {
  const sizes = [...Map.groupBy(cases, (name) => name)].flatMap(([name, own]) => (name === "" ? [] : [own.length]));
  if (sizes.length === 0) return null;
  sizes.sort((a, b) => b - a);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  const largest = sizes.slice(0, LARGEST);
  return {
    effective: effectiveNumber(sizes),
    largest: largest.length,
    largest_share: sum(largest) / sum(sizes),
  };
}

/**
 * (sum)^2 / (sum of squares): n for n equal numbers, and smaller the more they differ (Kish, Survey Sampling, 1965).
 */
export function effectiveNumber(sizes: ArrayLike<number>): number {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < sizes.length; i++) {
    sum += sizes[i]!;
    squares += sizes[i]! ** 2;
  }
  return sum ** 2 / squares;
}
