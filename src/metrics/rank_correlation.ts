/** How far two lists of numbers rank alike. */

/**
 * Spearman's rank correlation: Pearson's correlation of the ranks, equal numbers sharing the mean of theirs (Spearman 1904; as
 * scipy's spearmanr). 1 if both rise together, -1 if one falls as the other rises; null if a list holds but one value.
 */
export function rankCorrelation(first: ArrayLike<number>, second: ArrayLike<number>): number | null {
  if (first.length !== second.length) throw new Error(`${first.length} and ${second.length} numbers cannot be paired.`);
  const [a, b] = [centredRanks(first), centredRanks(second)];
  const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, value, index) => sum + value * y[index]!, 0);
  const size = Math.sqrt(dot(a, a) * dot(b, b));
  return size === 0 ? null : dot(a, b) / size;
}

/** Twice the distance of each rank from the middle one: whole numbers, so that what is constant is exactly 0. */
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
