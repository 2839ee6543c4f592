/**
 * Features computed from the patches around a patch: means of their logits over squares of growing size in the slide's
 * grid. They use predictions from pixels only, never labels. Training and test must not share cases. Otherwise a test
 * patch could have a neighbour that the model was trained on.
 */

/** The position of a patch: its case, and its left and upper edge in slide pixels (undefined if unknown). */
export interface Place {
  readonly caseId: string;
  readonly x: number | undefined;
  readonly y: number | undefined;
}

/** The largest allowed distance to a neighbour, in columns and in rows. */
export const LARGEST_REACH = 16;

/**
 * The squares around a patch, each by its largest distance in columns and in rows: 1, 2, 4 and so on below `reach`, then
 * `reach` itself.
 */
export function squaresOf(reach: number): number[] {
  const doubling = Array.from({ length: Math.ceil(Math.log2(reach)) }, (_, power) => 2 ** power);
  return [...doubling, reach];
}

/** The number of features of a patch: two of its own logit, then one per square. */
export const featureCount = (reach: number): number => 2 + squaresOf(reach).length;

/**
 * Visits the neighbours of a patch, each with its distance: the larger of the numbers of columns and of rows between
 * them, from 1 to the reach.
 */
export type VisitNeighbours = (index: number, visit: (neighbour: number, distance: number) => void) => void;

/**
 * Logits are clipped to +-8. Beyond that the model is practically certain, and one neighbour must not outweigh all
 * others.
 */
const LARGEST_LOGIT = 8;
/** Neighbours' logits are rounded to a multiple of 1 / 65,536. Their sums are then exact, in any order. */
const FINENESS = 2 ** 16;

/** A neighbour's logit as it is added up. */
export const rounded = (logit: number): number =>
  Math.round(Math.min(Math.max(logit, -LARGEST_LOGIT), LARGEST_LOGIT) * FINENESS) / FINENESS;

/** The mean of a square is drawn to 0, as if it had one more patch with log odds of 0. */
const PRIOR_PATCHES = 1;

/**
 * Adds up the neighbours of a patch: for each of `squaresOf`, the sum of their rounded logits, and their number. The patch
 * itself is not among them.
 */
export type SumSquares = (index: number, sums: Float64Array, counts: Float64Array) => void;

/** Adds up neighbours by visiting each of them. */
export function sumVisited(logits: ArrayLike<number>, reach: number, visitNeighbours: VisitNeighbours): SumSquares {
  const squares = squaresOf(reach);
  const sumAt = new Float64Array(reach + 1);
  const countAt = new Float64Array(reach + 1);
  const add = (neighbour: number, distance: number) => {
    sumAt[distance]! += rounded(logits[neighbour]!);
    countAt[distance]! += 1;
  };
  return (index, sums, counts) => {
    sumAt.fill(0);
    countAt.fill(0);
    visitNeighbours(index, add);
    let [sum, count, distance] = [0, 0, 0];
    for (const [number, square] of squares.entries()) {
      for (; distance <= square; distance++) {
        sum += sumAt[distance]!;
        count += countAt[distance]!;
      }
      sums[number] = sum;
      counts[number] = count;
    }
  };
}

/**
 * Returns a function that computes the features of one patch:
 * - its own logit
 * - its own logit divided by the number of neighbours and one, so that it can count more if they are few
 * - per square, the sum of the neighbours' logits (each clipped to +-8), divided by their number and one; 0 if there are
 *   none
 *
 * @param logits log odds of IDC of all patches, by index
 */
export function featuresFrom(
  logits: ArrayLike<number>,
  reach: number,
  sumSquares: SumSquares,
): (index: number, into: Float64Array) => void {
  const squares = squaresOf(reach).length;
  const sums = new Float64Array(squares);
  const counts = new Float64Array(squares);
  return (index, into) => {
    sumSquares(index, sums, counts);
    for (let square = 0; square < squares; square++)
      into[2 + square] = sums[square]! / (counts[square]! + PRIOR_PATCHES);
    const own = logits[index]!;
    into[0] = own;
    into[1] = own / (counts[squares - 1]! + PRIOR_PATCHES);
  };
}

/** The features of a patch without neighbours, see `featuresFrom`. */
export const featuresAlone = (logit: number, reach: number): number[] => [
  logit,
  logit,
  ...squaresOf(reach).map(() => 0),
];

/**
 * Computes one row of features per patch (see `featuresFrom`).
 * @param logits [n] log odds of IDC, one per entry of `places`
 * @param spacing see `neighboursByPlace`
 * @returns float64 [n, features]
 */
export function neighbourhoodFeatures(
  places: readonly Place[],
  logits: ArrayLike<number>,
  { reach, spacing }: { readonly reach: number; readonly spacing: number },
): Float64Array {
  const width = featureCount(reach);
  const features = new Float64Array(places.length * width);
  const fill = featuresFrom(logits, reach, sumVisited(logits, reach, neighboursByPlace(places, { reach, spacing })));
  for (const index of places.keys()) fill(index, features.subarray(index * width, (index + 1) * width));
  return features;
}

/** The patches of a case in a square of `reach` x `reach` grid cells, and the tiles whose patches may be near. */
interface Tile {
  readonly members: number[];
  readonly around: Tile[];
}

/**
 * Finds the neighbours of patches by their positions. Patches without a position have no neighbours.
 * @param spacing slide pixels between adjacent patches (the side of a record); patches off this grid are not neighbours
 */
export function neighboursByPlace(
  places: readonly Place[],
  { reach, spacing }: { readonly reach: number; readonly spacing: number },
): VisitNeighbours {
  const columns = Float64Array.from(places, ({ x }) => Math.floor((x ?? 0) / spacing));
  const rows = Float64Array.from(places, ({ y }) => Math.floor((y ?? 0) / spacing));
  const tiles = new Map<string, Tile>();
  const tileOf = places.map(({ caseId, x, y }, index) => {
    if (x === undefined || y === undefined) return undefined;
    // Patches whose positions differ by a part of the spacing lie on grids of their own.
    const grid = `${x - columns[index]! * spacing},${y - rows[index]! * spacing},${caseId}`;
    const keyAt = (right: number, down: number) =>
      `${Math.floor(columns[index]! / reach) + right},${Math.floor(rows[index]! / reach) + down},${grid}`;
    const known = tiles.get(keyAt(0, 0));
    if (known) {
      const same = known.members.findIndex((one) => columns[one] === columns[index] && rows[one] === rows[index]);
      // Of several patches in one place, the last one counts.
      if (same === -1) known.members.push(index);
      else known.members[same] = index;
      return known;
    }
    const tile: Tile = { members: [index], around: [] };
    tiles.set(keyAt(0, 0), tile);
    for (const right of [-1, 0, 1]) {
      for (const down of [-1, 0, 1]) {
        const other = tiles.get(keyAt(right, down));
        if (!other) continue;
        tile.around.push(other);
        if (other !== tile) other.around.push(tile);
      }
    }
    return tile;
  });
  return (index, visit) => {
    const [column, row] = [columns[index]!, rows[index]!];
    for (const { members } of tileOf[index]?.around ?? []) {
      for (const other of members) {
        const distance = Math.max(Math.abs(columns[other]! - column), Math.abs(rows[other]! - row));
        if (distance > 0 && distance <= reach) visit(other, distance);
      }
    }
  };
}
