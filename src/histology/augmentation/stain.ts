/** Random changes of a patch's haematoxylin and eosin amounts, as one affine map of its log intensities. */
import type { RandomSource } from "../../util/random_source.ts";

/**
 * Optical densities (red, green, blue) of one unit of haematoxylin, eosin and the residual (Ruifrok & Johnston 2001),
 * normalised to length 1. The vectors are fixed, because one small patch is not enough to estimate them.
 */
const STAINS = [
  [0.65, 0.7, 0.29],
  [0.07, 0.99, 0.11],
  [0.27, 0.57, 0.78],
].map((stain) => stain.map((density) => density / Math.hypot(...stain)));

/** The change of one stain's amount: amount * factor + offset. */
export interface StainChange {
  readonly factor: number;
  readonly offset: number;
}

/** The changes of haematoxylin and eosin. The residual is not a stain and stays unchanged. */
export type Jitter = readonly [haematoxylin: StainChange, eosin: StainChange];

/**
 * Draws factors from 1 - strength to 1 + strength and offsets from -strength to strength (Tellez et al. 2018,
 * "HED-light").
 */
export function drawJitter(random: RandomSource, strength = 0.05): Jitter {
  const change = () => ({
    factor: 1 + random.uniform(-strength, strength),
    offset: random.uniform(-strength, strength),
  });
  return [change(), change()];
}

const INVERSE = invert(STAINS);
/** Optical density is ln(256) - ln(intensity + 1), with intensities from 0 to 255. */
const LOG_WHITE = Math.log(256);

/**
 * The matrix [3, 4] that maps a pixel's log intensities ln(I + 1) (red, green, blue, 1) to those after the jitter. For
 * density = a . S (amounts a, stains S), the new density is (a . F + o) . S, which is the map S^T F S^-T. The matrix
 * applies to logs, which are ln(256) - density.
 */
export function jitterMatrix(jitter: Jitter): number[] {
  const factors = [...jitter.map(({ factor }) => factor), 1];
  const offsets = [...jitter.map(({ offset }) => offset), 0];
  return [0, 1, 2].flatMap((to) => {
    const row = [0, 1, 2].map((from) =>
      STAINS.reduce((sum, stain, index) => sum + INVERSE[from]![index]! * factors[index]! * stain[to]!, 0),
    );
    const added = STAINS.reduce((sum, stain, index) => sum + offsets[index]! * stain[to]!, 0);
    const white = LOG_WHITE * (1 - row.reduce((sum, value) => sum + value, 0));
    return [...row, white - added];
  });
}

/** The inverse of a 3 x 3 matrix, by cofactors. */
function invert(m: number[][]): number[][] {
  const cofactor = (row: number, column: number) => {
    const [r1, r2] = [(row + 1) % 3, (row + 2) % 3];
    const [c1, c2] = [(column + 1) % 3, (column + 2) % 3];
    return m[r1]![c1]! * m[r2]![c2]! - m[r1]![c2]! * m[r2]![c1]!;
  };
  const determinant = [0, 1, 2].reduce((sum, column) => sum + m[0]![column]! * cofactor(0, column), 0);
  return [0, 1, 2].map((row) => [0, 1, 2].map((column) => cofactor(column, row) / determinant));
}
