/** Colours for numbers: one map for amounts, one for signed differences; laying them over a picture is left to others. */
import { rgb } from "d3-color";
import { interpolateRdBu, interpolateViridis } from "d3-scale-chromatic";

/** The colour of a number from 0 to 1, as red, green and blue from 0 to 255; what lies beyond takes the colour of the end. */
export type ColourMap = (value: number) => readonly [red: number, green: number, blue: number];

/** Far finer than the eye, with a colour for the middle; a look-up is cheap enough for every pixel of a slide. */
const STEPS = 256;

/** For amounts: viridis, whose lightness rises evenly with the number, for the colour-blind and in print too (Smith & van der Walt 2015). */
export const sequential: ColourMap = tabulated(interpolateViridis);

/** For signed numbers: blue below .5, white at it, red above it; ColorBrewer's RdBu, safe for the colour-blind (Harrower & Brewer 2003). */
export const diverging: ColourMap = tabulated((value) => interpolateRdBu(1 - value));

/** The map as the hexadecimal colours of `count` numbers spread evenly from 0 to 1, for legends drawn by others. */
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
