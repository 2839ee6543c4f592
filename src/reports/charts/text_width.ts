/** Computes the width of text in DejaVu Sans, so that charts reserve enough space for labels without a canvas. */

/**
 * The advance widths of the characters from " " to "~", in thousandths of the font size (from the font's "hmtx" table).
 */
// biome-ignore format: a table
export const ADVANCES: readonly number[] = [
  318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636,
  636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632,
  575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685,
  611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579,
  278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
];

/**
 * The advance width assumed for any other character. It is exact for the minus sign, with which Vega writes negative
 * numbers, and about right for most others.
 */
const OTHER = 838;
const FIRST = " ".charCodeAt(0);

/** The width of a text without kerning, in the unit of `fontSize`. */
export function textWidth(text: string, fontSize: number): number {
  let thousandths = 0;
  for (const character of text) thousandths += ADVANCES[character.charCodeAt(0) - FIRST] ?? OTHER;
  return (thousandths * fontSize) / 1000;
}
