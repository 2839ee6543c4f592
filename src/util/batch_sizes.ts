/** How many things go into each batch of an epoch. */

/**
 * The sizes of an epoch's batches: as few as `batchSize` allows, as equal as possible, so that everything is seen once and nothing
 * falls into a short last batch with unreliable statistics. Sizes differ by one at most, larger ones first.
 */
export function batchSizes(count: number, batchSize: number): number[] {
  const batches = Math.ceil(count / batchSize);
  const smaller = Math.floor(count / batches);
  const larger = count - smaller * batches;
  return Array.from({ length: batches }, (_, index) => (index < larger ? smaller + 1 : smaller));
}
