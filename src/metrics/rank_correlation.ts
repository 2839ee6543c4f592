/** Rank correlation of two lists of numbers. */

/**
 * Spearman's rank correlation: Pearson's correlation of the ranks, where equal numbers share their mean rank (Spearman
 * 1904; as scipy's spearmanr). 1 if both lists have the same order, -1 if they have opposite orders; null if all
 * numbers of a list are equal.
 * @throws Error if the lengths differ.
 */
export function rankCorrelation(first: ArrayLike<number>, second: ArrayLike<number>): number | null {
  if (first.length !== second.length) throw new Error(`${first.length} and ${second.length} numbers cannot be paired.`);
  const [a, b] = [centredRanks(first), centredRanks(second)];
  const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, value, index) => sum + value * y[index]!, 0);
  const size = Math.sqrt(dot(a, a) * dot(b, b));
  return size === 0 ? null : dot(a, b) / size;
}

/**
 * Twice the distance of each rank from the middle rank. These are integers, so that a constant list gives exactly 0.
 */
function centredRanks(values: ArrayLike<number>): Float64Array {
  const order = Array.from(values, (_, index) => index).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (const index of order.slice(start, end)) ranks[index] = start + end - order.length;
    start = end;
  }
  return ranks;
}
