/**
 * What the patches around a patch say of it: sums over rings of its neighbours in the slide's grid. Only pixels count, never
 * labels; cases must not be shared between training and test, or a neighbour's patch would have been trained on.
 */

/** Where a patch lies: its case, and its left and upper edge in slide pixels, if they are known. */
export interface Place {
  readonly caseId: string;
  readonly x: number | undefined;
  readonly y: number | undefined;
}

/** How many columns and rows away the farthest neighbour may lie. */
export const LARGEST_REACH = 5;

/** The neighbours at one distance, as steps in the grid: [columns, rows]. */
type Ring = readonly (readonly [number, number])[];

/** The rings of the neighbours up to `reach` columns and rows away, the nearest first: 2 for 3 x 3 patches, 5 for 5 x 5. */
export function ringsOf(reach: number): Ring[] {
  const steps = Array.from({ length: 2 * reach + 1 }, (_, index) => index - reach);
  const neighbours = steps.flatMap((column) => steps.map((row) => [column, row] as const)).filter(([c, r]) => c || r);
  const byDistance = Map.groupBy(neighbours, ([column, row]) => column * column + row * row);
  return [...byDistance].sort(([a], [b]) => a - b).map(([, ring]) => ring);
}

/** A logit beyond these is as good as sure; one such neighbour shall not outweigh all others. */
const LARGEST_LOGIT = 8;

/** The place of the neighbour that lies so many columns to the right of a patch and so many rows below; undefined if it is missing. */
export type NeighbourOf = (index: number, columns: number, rows: number) => number | undefined;

/**
 * The neighbours of patches that know their places.
 * @param spacing slide pixels from a patch to the next, the side of a record: one that lies otherwise is no neighbour
 */
export function neighboursByPlace(places: readonly Place[], spacing: number): NeighbourOf {
  const found = new Map(places.map((place, index) => [keyOf(place), index]));
  return (index, columns, rows) => {
    const key = keyOf(places[index]!, columns * spacing, rows * spacing);
    return key === undefined ? undefined : found.get(key);
  };
}

/**
 * The numbers of one patch: its own logit; then for each ring the sum of the logits, held within +-8, of the neighbours that
 * are there, and how many are missing, both over the number that a ring has.
 * @param logits the log odds of IDC of all patches, by their places
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
 * For each patch a row of numbers, see `fillFeatures`.
 * @param logits [n] the log odds of IDC for each of the places
 * @param spacing as `neighboursByPlace` takes it
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

/** Undefined if the patch has no place, and so no neighbours. */
function keyOf({ caseId, x, y }: Place, right = 0, down = 0): string | undefined {
  if (x === undefined || y === undefined) return undefined;
  return `${x + right},${y + down},${caseId}`;
}
