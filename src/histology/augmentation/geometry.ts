/**
 * Random geometric transforms of a patch: Keras's affine transform and flips as one matrix. The matrix maps a position
 * in the result to the position to read in the patch.
 */
import type { RandomSource } from "../../util/random_source.ts";

/** One random draw of the tutorial's transform. Rows run downwards, columns to the right. */
export interface Move {
  readonly rotationDegrees: number;
  /** As fractions of the height and of the width. */
  readonly rowShift: number;
  readonly columnShift: number;
  readonly shearDegrees: number;
  readonly rowZoom: number;
  readonly columnZoom: number;
  readonly flipRows: boolean;
  readonly flipColumns: boolean;
}

/**
 * The largest absolute value of each parameter, and the allowed flips and turns. Angles are in degrees. Shifts are
 * fractions of the side. `zoom` is the largest difference from 1.
 */
export interface MoveRanges {
  readonly rotationDegrees: number;
  readonly rowShift: number;
  readonly columnShift: number;
  readonly shearDegrees: number;
  readonly zoom: number;
  /** Whether a random number of quarter turns is added to the rotation. */
  readonly quarterTurns: boolean;
  readonly flipRows: boolean;
  readonly flipColumns: boolean;
}

/** The ranges of the tutorial's ImageDataGenerator (Rosebrock 2019). Keras reads rotation and shear as degrees. */
export const TUTORIAL_RANGES: MoveRanges = {
  rotationDegrees: 20,
  rowShift: 0.1,
  columnShift: 0.1,
  shearDegrees: 0.05,
  zoom: 0.05,
  quarterTurns: false,
  flipRows: true,
  flipColumns: true,
};

/**
 * Draws a transform uniformly from the ranges. Each flip has probability 1/2. A disabled flip or a range of 0 still
 * consumes its random number. Disabled quarter turns consume none.
 */
export function drawMove(random: RandomSource, ranges: MoveRanges = TUTORIAL_RANGES): Move {
  const around = (range: number) => random.uniform(-range, range);
  // Quarter turns were added later. Drawing a number for them when they are off would change all following numbers.
  const turns = ranges.quarterTurns ? random.integer(4) : 0;
  const move = {
    rotationDegrees: 90 * turns + around(ranges.rotationDegrees),
    rowShift: around(ranges.rowShift),
    columnShift: around(ranges.columnShift),
    shearDegrees: around(ranges.shearDegrees),
    rowZoom: 1 + around(ranges.zoom),
    columnZoom: 1 + around(ranges.zoom),
    flipRows: random.uniform() < 0.5,
    flipColumns: random.uniform() < 0.5,
  };
  return { ...move, flipRows: ranges.flipRows && move.flipRows, flipColumns: ranges.flipColumns && move.flipColumns };
}

type Matrix3 = readonly [number, number, number, number, number, number, number, number, number];

function multiply(a: Matrix3, b: Matrix3): Matrix3 {
  return a.map((_, index) => {
    const [row, column] = [Math.floor(index / 3) * 3, index % 3];
    return a[row]! * b[column]! + a[row + 1]! * b[column + 3]! + a[row + 2]! * b[column + 6]!;
  }) as unknown as Matrix3;
}

/**
 * The matrix [2, 3] that maps a position (x, y, 1) in the result to a position (x, y) in the patch. Both range from -1
 * to 1 between the patch's edges. In pixels about the centre it is rotation * shift * shear * zoom (Keras
 * apply_affine_transform), then the flips. The patch is square, so the change of units does not affect rotations.
 */
export function moveMatrix(move: Move): number[] {
  const angle = (move.rotationDegrees * Math.PI) / 180;
  const shear = (move.shearDegrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const rotation: Matrix3 = [cos, -sin, 0, sin, cos, 0, 0, 0, 1];
  // The side has length 2 in these units, so a fraction s of the side is 2 s.
  const shift: Matrix3 = [1, 0, 2 * move.rowShift, 0, 1, 2 * move.columnShift, 0, 0, 1];
  const shearing: Matrix3 = [1, -Math.sin(shear), 0, 0, Math.cos(shear), 0, 0, 0, 1];
  const zoom: Matrix3 = [move.rowZoom, 0, 0, 0, move.columnZoom, 0, 0, 0, 1];
  const flip: Matrix3 = [move.flipRows ? -1 : 1, 0, 0, 0, move.flipColumns ? -1 : 1, 0, 0, 0, 1];
  const [rr, rc, r1, cr, cc, c1] = [shift, shearing, zoom, flip].reduce(multiply, rotation);
  return [cc, cr, c1, rc, rr, r1];
}
