/** Which patches are of one case, in an order that does not depend on the order of the patches, and how unequal the cases are. */
import { UserError } from "../util/errors.ts";
import { counted } from "../util/numbers.ts";

/** The cases of patches; a patch without a case is a cluster of its own. */
export interface Clusters {
  readonly count: number;
  /** [patches] The cluster of each patch. */
  readonly ofPatch: Uint32Array;
  /** [patches] The patches in the order of their keys: sums in this order are the same to the last bit however the patches came. */
  readonly order: Uint32Array;
}

/**
 * The clusters of patches by the names of their cases, in the order of the names (by UTF-16 unit), then the patches whose case
 * is "" in the order of their keys: the order of the patches plays no part.
 * @param keys [keys][n] numbers that distinguish patches as far as it matters: label, probabilities
 * @throws UserError if there is not one case per patch.
 */
export function clustersOf(cases: readonly string[], keys: readonly ArrayLike<number>[]): Clusters {
  for (const key of keys) checkCases(cases, key.length);
  const names = [...new Set(cases)].filter((name) => name !== "").sort();
  const places = new Map(names.map((name, place) => [name, place]));
  const [ofPatch, order] = [new Uint32Array(cases.length), new Uint32Array(cases.length)];
  for (const [patch, name] of cases.entries()) {
    ofPatch[patch] = places.get(name) ?? 0;
    order[patch] = patch;
  }
  order.sort((a, b) => {
    for (const key of keys) if (key[a] !== key[b]) return key[a]! - key[b]!;
    return 0;
  });
  let count = names.length;
  for (const patch of order) if (cases[patch] === "") ofPatch[patch] = count++;
  return { count, ofPatch, order };
}

/** @throws UserError if there is not one case per patch. */
export function checkCases(cases: readonly string[], patches: number): void {
  if (cases.length === patches) return;
  throw new UserError(
    "data-mismatch",
    `${counted(cases.length, "case")} came with ${counted(patches, "patch")}: give one case per patch, "" for none.`,
  );
}

/** How unequal cases are in size. */
export interface CaseSizes {
  /** The effective number of cases, (sum of sizes)^2 / (sum of squared sizes): as many equal cases would vary as much (Kish 1965). */
  readonly effective: number;
  /** How many of the largest cases `largest_share` is of: three, or all if there are fewer. */
  readonly largest: number;
  /** The share of the patches that the largest cases hold. */
  readonly largest_share: number;
}

const LARGEST = 3;

/** Of the cases that have names; null if none has. */
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

/** (sum)^2 / (sum of squares): n for n equal numbers, less the more unequal they are (Kish, Survey Sampling, 1965). */
export function effectiveNumber(sizes: ArrayLike<number>): number {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < sizes.length; i++) {
    sum += sizes[i]!;
    squares += sizes[i]! ** 2;
  }
  return sum ** 2 / squares;
}
