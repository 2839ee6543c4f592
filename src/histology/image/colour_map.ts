/**
 * Maps numbers to colours: one map for amounts, one for signed differences. overlay.ts draws the colours over a
 * picture.
 */
import { rgb } from "d3-color";
import { interpolateRdBu, interpolateViridis } from "d3-scale-chromatic";

/**
 * Maps a number from 0 to 1 to red, green and blue from 0 to 255. Numbers outside this range get the nearest end's
 * colour.
 */
export type ColourMap = (value: number) => readonly [red: number, green: number, blue: number];

/**
 * Much finer than the eye can see. An even number of steps has a colour for exactly 0.5. A table look-up is fast enough
 * for every pixel of a slide.
 */
const STEPS = 256;

/**
 * For amounts: viridis. Its lightness rises evenly with the number, so it also works for colour-blind readers and in
 * greyscale print (Smith & van der Walt 2015).
 */
export const sequential: ColourMap = tabulated(interpolateViridis);

/**
 * For signed numbers: blue below 0.5, white at 0.5, red above it. This is ColorBrewer's RdBu, which is safe for
 * colour-blind readers (Harrower & Brewer 2003).
 */
export const diverging: ColourMap = tabulated((value) => interpolateRdBu(1 - value));

/** Returns `count` evenly spaced colours of the map, from 0 to 1, as hexadecimal strings for legends. */
export function hexColours(map: ColourMap, count: number): string[] {
  return Array.from({ length: count }, (_, index) => rgb(...map(index / (count - 1))).formatHex());
}

function tabulated(colourOf: (value: number) => string): ColourMap {
  const table = Array.from({ length: STEPS + 1 }, (_, step) => {
    const { r, g, b } = rgb(colourOf(step / STEPS));
    return [r, g, b] as const;
  });
  return (value) => {
    const step = Math.round(Math.min(Math.max(value, 0), 1) * STEPS);
    const colour = table[step];
    if (!colour) throw new RangeError(`There is no colour for ${value}.`);
    return colour;
  };
}
