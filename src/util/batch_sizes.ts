/** Splits an epoch into batches of nearly equal size. */

/**
 * The sizes of an epoch's batches. There are as few batches as `batchSize` allows, and the sizes differ by one at most,
 * larger ones first. Every item is used once, and no short last batch has unreliable statistics.
 */
export function batchSizes(count: number, batchSize: number): number[] {
  const batches = Math.ceil(count / batchSize);
  const smaller = Math.floor(count / batches);
  const larger = count - smaller * batches;
  return Array.from({ length: batches }, (_, index) => (index < larger ? smaller + 1 : smaller));
}
