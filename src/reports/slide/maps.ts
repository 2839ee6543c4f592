/** Draws a scored slide: heat map, overlay, mask and agreement, all on the same grid of picture pixels. */
import { sequential } from "../../histology/image/colour_map.ts";
import type { RgbImage } from "../../histology/image/rgb.ts";
import { type Grid, nearestCell } from "../../histology/slide/grid.ts";
import { readScaled } from "../../histology/slide/resample.ts";
import type { SlideScores } from "../../histology/slide/scores.ts";
import type { Slide } from "../../histology/slide/slide.ts";
import type { Colour, Key } from "./legend.ts";

/** The maximum length of a picture's longer side. */
const MOST_PIXELS = 2400;

/**
 * Picture pixel (i, j) covers the square of `pixel` x `pixel` model pixels whose left upper corner is at (i * pixel, j
 * * pixel).
 */
export interface PictureGrid {
  readonly pixel: number;
  readonly width: number;
  readonly height: number;
}

export function pictureGridOf({ width, height }: Pick<Grid, "width" | "height">): PictureGrid {
  const pixel = Math.ceil(Math.max(width, height) / MOST_PIXELS);
  return { pixel, width: Math.ceil(width / pixel), height: Math.ceil(height / pixel) };
}

/** The slide itself at the scale of the picture. */
export function thumbnailOf(slide: Slide, { scale }: Pick<Grid, "scale">, picture: PictureGrid): Promise<RgbImage> {
  return readScaled(slide, scale * picture.pixel, { x: 0, y: 0, width: picture.width, height: picture.height });
}

/** A cell's colour; undefined if it has none. */
type CellColour = (cell: number) => Colour | undefined;

const OPACITY = 0.55;
const UNSCORED: Colour = [255, 255, 255];

export const GLASS: Key = { colour: [244, 244, 244], meaning: "glass" };
export const TISSUE: Key = { colour: [150, 110, 160], meaning: "tissue, scored" };
export const DROPPED: Key = { colour: [230, 159, 0], meaning: "tissue, not scored: its patch has too little of it" };

/** The probabilities as colours, white where nothing was scored. */
export function heatmapOf(scores: SlideScores, picture: PictureGrid): RgbImage {
  const colourOf = probabilityColours(scores);
  return paint(scores.grid, picture, (cell) => colourOf(cell) ?? UNSCORED);
}

/** The probabilities as half-transparent colours over the slide. */
export function overlayOf(scores: SlideScores, picture: PictureGrid, thumbnail: RgbImage): RgbImage {
  return layOver(thumbnail, scores.grid, picture, probabilityColours(scores));
}

/** Any colours of cells, half transparent, over the slide. */
export function layOver(thumbnail: RgbImage, grid: Grid, picture: PictureGrid, colourOf: CellColour): RgbImage {
  const blend = (above: number, below: number) => OPACITY * above + (1 - OPACITY) * below;
  return paint(grid, picture, (cell, index) => {
    const [red, green, blue] = [0, 1, 2].map((channel) => thumbnail.data[index * 3 + channel]!) as [
      number,
      number,
      number,
    ];
    const colour = colourOf(cell);
    return colour ? [blend(colour[0], red), blend(colour[1], green), blend(colour[2], blue)] : [red, green, blue];
  });
}

/** What was detected as tissue and as glass, and the tissue that was not scored. */
export function maskOf({ grid, tissue, probabilities }: SlideScores, picture: PictureGrid): RgbImage {
  return paint(grid, picture, (cell, index) => {
    const [x, y] = [index % picture.width, Math.floor(index / picture.width)].map((at) =>
      Math.floor(((at + 0.5) * picture.pixel) / tissue.pixel),
    ) as [number, number];
    if (!tissue.data[Math.min(y, tissue.height - 1) * tissue.width + Math.min(x, tissue.width - 1)])
      return GLASS.colour;
    return Number.isNaN(probabilities[cell]) ? DROPPED.colour : TISSUE.colour;
  });
}

function probabilityColours({ probabilities }: SlideScores): CellColour {
  return (cell) => (Number.isNaN(probabilities[cell]) ? undefined : sequential(probabilities[cell]!));
}

/** Paints each picture pixel in the colour of the cell with the nearest centre. */
function paint(
  grid: Grid,
  { pixel, width, height }: PictureGrid,
  colourOf: (cell: number, index: number) => Colour,
): RgbImage {
  const middle = (at: number) => (at + 0.5) * pixel;
  const columns = Array.from({ length: width }, (_, x) => nearestCell(middle(x), grid, grid.columns));
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const first = nearestCell(middle(y), grid, grid.rows) * grid.columns;
    for (let x = 0; x < width; x++) {
      const index = y * width + x;
      data.set(colourOf(first + columns[x]!, index), index * 3);
    }
  }
  return { width, height, data };
}
