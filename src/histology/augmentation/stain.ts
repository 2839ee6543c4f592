/** Random changes of the haematoxylin and eosin amounts of a patch, as one affine map of its log intensities. */
import type { RandomSource } from "../../util/random_source.ts";

/**
 * The optical densities (red, green, blue) of one unit of haematoxylin, eosin and the residual (Ruifrok & Johnston 2001),
 * each to be brought to length 1. The vectors are fixed: a single small patch is too little to estimate them from.
 */
const STAINS = [
  [0.65, 0.7, 0.29],
  [0.07, 0.99, 0.11],
  [0.27, 0.57, 0.78],
].map((stain) => stain.map((density) => density / Math.hypot(...stain)));

/** How a jitter changes the amount of a stain: amount * factor + offset. */
export interface StainChange {
  readonly factor: number;
  readonly offset: number;
}

/** Haematoxylin and eosin; the residual is left alone, as it is no stain. */
export type Jitter = readonly [haematoxylin: StainChange, eosin: StainChange];

/** Factors from 1 - strength to 1 + strength, offsets from -strength to strength (Tellez et al. 2018, "HED-light"). */
export function drawJitter(random: RandomSource, strength = 0.05): Jitter {
  const change = () => ({
    factor: 1 + random.uniform(-strength, strength),
    offset: random.uniform(-strength, strength),
  });
  return [change(), change()];
}

const INVERSE = invert(STAINS);
/** Optical density is ln(256) - ln(intensity + 1), intensities from 0 to 255. */
const LOG_WHITE = Math.log(256);

/**
 * The matrix [3, 4] that maps the log intensities ln(I + 1) of a pixel (red, green, blue, 1) to those after the jitter.
 * With density = a . S (amounts a, stains S) the new density is (a . F + o) . S: the map S^T F S^-T, here written for
 * logs, which are ln(256) - density.
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

/** The inverse of a 3x3 matrix, by its cofactors. */
function invert(m: number[][]): number[][] {
  const cofactor = (row: number, column: number) => {
    const [r1, r2] = [(row + 1) % 3, (row + 2) % 3];
    const [c1, c2] = [(column + 1) % 3, (column + 2) % 3];
    return m[r1]![c1]! * m[r2]![c2]! - m[r1]![c2]! * m[r2]![c1]!;
  };
  const determinant = [0, 1, 2].reduce((sum, column) => sum + m[0]![column]! * cofactor(0, column), 0);
  return [0, 1, 2].map((row) => [0, 1, 2].map((column) => cofactor(column, row) / determinant));
}
