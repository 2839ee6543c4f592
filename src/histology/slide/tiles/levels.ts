/**
 * The pyramid that a deep-zoom viewer shows of a slide: level 0 is one pixel, each further level is twice as large, and
 * the last one is the slide itself.
 */

import { UserError } from "../../../util/errors.ts";
import { counted } from "../../../util/numbers.ts";
import type { Region } from "../../image/region.ts";
import { levelFor } from "../resample.ts";
import type { Slide, SlideLevel } from "../slide.ts";

/** Width and height of a tile in pixels. Tiles at the right and lower edge are smaller. */
export const TILE_PIXELS = 256;

/** A level of the pyramid; its index is the z of its tiles. */
export interface PyramidLevel {
  readonly width: number;
  readonly height: number;
  /** Width of a pixel in pixels of the slide's level 0: a power of two. */
  readonly scale: number;
}

/** The position of a tile: level, column, row. */
export interface TilePlace {
  readonly z: number;
  readonly x: number;
  readonly y: number;
}

/** The levels of a picture, from one pixel to its full size. */
export function pyramidOf({ width, height }: Pick<SlideLevel, "width" | "height">): readonly PyramidLevel[] {
  const top = Math.ceil(Math.log2(Math.max(width, height)));
  return Array.from({ length: top + 1 }, (_, z) => {
    const scale = 2 ** (top - z);
    return { width: Math.ceil(width / scale), height: Math.ceil(height / scale), scale };
  });
}

/**
 * The region that a tile shows, in pixels of its level.
 * @throws UserError if the pyramid has no such tile.
 */
export function regionOfTile(levels: readonly PyramidLevel[], { z, x, y }: TilePlace): Region {
  const level = levels[z];
  const place = { x: x * TILE_PIXELS, y: y * TILE_PIXELS };
  const isThere = level && [x, y].every((at) => Number.isSafeInteger(at) && at >= 0);
  if (!isThere || place.x >= level.width || place.y >= level.height) {
    const most = level && `${tilesAlong(level.width)} x ${counted(tilesAlong(level.height), "tile")}`;
    throw new UserError(
      "tile-missing",
      `There is no tile ${z}/${x}/${y}: ${most ? `level ${z} has ${most}` : `the levels are 0 to ${levels.length - 1}`}.`,
    );
  }
  const { width, height } = level;
  return { ...place, width: Math.min(TILE_PIXELS, width - place.x), height: Math.min(TILE_PIXELS, height - place.y) };
}

/** The number of tiles along a side. */
export const tilesAlong = (length: number): number => Math.ceil(length / TILE_PIXELS);

/** A tile that needs more pixels of the slide than this is too slow to be read at once. */
const MOST_PIXELS_AT_ONCE = 8_000_000;
/** Once an overview is needed, it holds every level whose tiles need more pixels than this: 1,024 x 1,024, and rounding. */
const MOST_PIXELS_BESIDE_OVERVIEW = 1_100_000;

/**
 * The number of levels whose tiles come from an overview, because the slide has no level near them: 0 for a slide with a
 * pyramid of its own.
 */
export function overviewLevels(slide: Pick<Slide, "levels">, levels: readonly PyramidLevel[]): number {
  const needs = levels.map(({ width, height, scale }) => {
    const level = slide.levels[levelFor(slide, scale)]!;
    const factor = Math.max(1, scale / level.downsample);
    const read = (length: number, most: number) => Math.min(Math.min(length, TILE_PIXELS) * factor, most);
    return read(width, level.width) * read(height, level.height);
  });
  if (needs.every((pixels) => pixels <= MOST_PIXELS_AT_ONCE)) return 0;
  return needs.findLastIndex((pixels) => pixels > MOST_PIXELS_BESIDE_OVERVIEW) + 1;
}
