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

/**
 * For each patch a row of numbers: its own logit; then for each ring the sum of the logits, held within +-8, of the neighbours
 * that are there, and how many are missing, both over the number that a ring has.
 * @param logits [n] the log odds of IDC for each of the places
 * @param spacing slide pixels from a patch to the next, the side of a record: one that lies otherwise is no neighbour
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
  const found = new Map(places.map((place, index) => [keyOf(place), index]));
  for (const [index, place] of places.entries()) {
    features[index * width] = logits[index]!;
    for (const [number, ring] of rings.entries()) {
      const at = index * width + 1 + 2 * number;
      for (const [column, row] of ring) {
        const key = keyOf(place, column * spacing, row * spacing);
        const neighbour = key === undefined ? undefined : found.get(key);
        if (neighbour === undefined) features[at + 1]! += 1 / ring.length;
        else features[at]! += Math.min(Math.max(logits[neighbour]!, -LARGEST_LOGIT), LARGEST_LOGIT) / ring.length;
      }
    }
  }
  return features;
}

/** Undefined if the patch has no place, and so no neighbours. */
function keyOf({ caseId, x, y }: Place, right = 0, down = 0): string | undefined {
  if (x === undefined || y === undefined) return undefined;
  return `${x + right},${y + down},${caseId}`;
}
