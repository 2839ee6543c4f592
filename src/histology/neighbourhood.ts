/**
 * Features computed from the patches around a patch: sums of logits over rings of neighbours in the slide's grid. They
 * use predictions from pixels only, never labels. Training and test must not share cases. Otherwise a test patch could
 * have a neighbour that the model was trained on.
 */

/** The position of a patch: its case, and its left and upper edge in slide pixels (undefined if unknown). */
export interface Place {
  readonly caseId: string;
  readonly x: number | undefined;
  readonly y: number | undefined;
}

/** The largest allowed distance to a neighbour, in columns and in rows. */
export const LARGEST_REACH = 5;

/** All neighbours at one distance, as grid steps [columns, rows]. */
type Ring = readonly (readonly [number, number])[];

/**
 * The rings of neighbours up to `reach` columns and rows away, nearest first: 2 rings for 3 x 3 patches, 5 for 5 x 5.
 */
export function ringsOf(reach: number): Ring[] {
  const steps = Array.from({ length: 2 * reach + 1 }, (_, index) => index - reach);
  const neighbours = steps.flatMap((column) => steps.map((row) => [column, row] as const)).filter(([c, r]) => c || r);
  const byDistance = Map.groupBy(neighbours, ([column, row]) => column * column + row * row);
  return [...byDistance].sort(([a], [b]) => a - b).map(([, ring]) => ring);
}

/**
 * Logits are clipped to +-8. Beyond that the model is practically certain, and one neighbour must not outweigh all
 * others.
 */
const LARGEST_LOGIT = 8;

/**
 * Returns the index of the neighbour `columns` to the right of a patch and `rows` below it, or undefined if it is
 * missing.
 */
export type NeighbourOf = (index: number, columns: number, rows: number) => number | undefined;

/**
 * Finds the neighbours of patches by their positions. Patches without a position have no neighbours.
 * @param spacing slide pixels between adjacent patches (the side of a record); patches off this grid are not neighbours
 */
export function neighboursByPlace(places: readonly Place[], spacing: number): NeighbourOf {
  const found = new Map(places.map((place, index) => [keyOf(place), index]));
  return (index, columns, rows) => {
    const key = keyOf(places[index]!, columns * spacing, rows * spacing);
    return key === undefined ? undefined : found.get(key);
  };
}

/**
 * Computes the features of one patch: its own logit, then two values per ring. The first is the sum of the logits of
 * the neighbours present, each clipped to +-8. The second is the number of missing neighbours. Both are divided by the
 * number of neighbours in a full ring.
 * @param logits log odds of IDC of all patches, by index
 * @param into float64 [1 + 2 * rings]
 */
export function fillFeatures(
  index: number,
  logits: ArrayLike<number>,
  { rings, neighbourOf }: { readonly rings: readonly Ring[]; readonly neighbourOf: NeighbourOf },
  into: Float64Array,
): void {
  into.fill(0);
  into[0] = logits[index]!;
  for (const [number, ring] of rings.entries()) {
    const at = 1 + 2 * number;
    for (const [column, row] of ring) {
      const neighbour = neighbourOf(index, column, row);
      if (neighbour === undefined) into[at + 1]! += 1 / ring.length;
      else into[at]! += Math.min(Math.max(logits[neighbour]!, -LARGEST_LOGIT), LARGEST_LOGIT) / ring.length;
    }
  }
}

/**
 * Computes one row of features per patch (see `fillFeatures`).
 * @param logits [n] log odds of IDC, one per entry of `places`
 * @param spacing see `neighboursByPlace`
 * @returns float64 [n, 1 + 2 * rings]
 */
export function neighbourhoodFeatures(
  places: readonly Place[],
  logits: ArrayLike<number>,
  { reach, spacing }: { readonly reach: number; readonly spacing: number },
): Float64Array {
  const rings = ringsOf(reach);
  const width = 1 + 2 * rings.length;
  const features = new Float64Array(places.length * width);
  const neighbourOf = neighboursByPlace(places, spacing);
  for (const index of places.keys()) {
    fillFeatures(index, logits, { rings, neighbourOf }, features.subarray(index * width, (index + 1) * width));
  }
  return features;
}

/** A map key for a position; undefined if the patch has no position. */
function keyOf({ caseId, x, y }: Place, right = 0, down = 0): string | undefined {
  if (x === undefined || y === undefined) return undefined;
  return `${x + right},${y + down},${caseId}`;
}
