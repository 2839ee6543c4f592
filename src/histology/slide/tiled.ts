/**
 * A slide whose levels are grids of tiles. Assembles regions from the tiles that they touch. The levels decode the
 * tiles.
 */
import type { Region } from "../image/region.ts";
import type { RgbImage } from "../image/rgb.ts";
import type { Gaps, Slide, SlideLevel } from "./slide.ts";
import { TileCache } from "./tile_cache.ts";

/**
 * A level as a grid of equal tiles, starting at the upper left corner. The last tiles of a row or column may extend
 * beyond the level.
 */
export interface TiledLevel {
  readonly width: number;
  readonly height: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** Whether a tile is known to be missing from the file. If this function is absent, only reading a tile shows it. */
  isAbsent?(column: number, row: number): boolean;
  /**
   * Set if each tile overlaps the next ones, which cover it there: the overlap in pixels, smaller than a tile, and the
   * number of tiles.
   */
  readonly overlap?: { readonly x: number; readonly y: number; readonly columns: number; readonly rows: number };
  /**
   * Width of a pixel in pixels of level 0. Set if the level's width does not give it, because some formats round widths
   * up to whole tiles.
   */
  readonly downsample?: number;
  /**
   * Reads a tile. It may be smaller than the others where it extends beyond the level. Undefined if the tile is missing
   * from the file.
   * @throws UserError if it is damaged.
   */
  readTile(column: number, row: number): Promise<RgbImage | undefined>;
}

/**
 * A level composed of several grids of tiles at given positions, with white between them. Earlier grids cover later
 * ones.
 */
export interface ComposedLevel {
  readonly width: number;
  readonly height: number;
  readonly downsample?: number;
  readonly parts: readonly { readonly x: number; readonly y: number; readonly grid: TiledLevel }[];
}

/** Properties of a slide, and its levels. */
interface TiledSlideOptions {
  readonly format: string;
  /** Largest first; at least one. */
  readonly levels: readonly (TiledLevel | ComposedLevel)[];
  readonly micronsPerPixel: number | undefined;
  readonly objective?: number | undefined;
  close(): Promise<void>;
}

const NO_GAPS: Gaps = { tiles: 0, filled: 0, absent: 0 };

const WHITE = 255;

export function tiledSlide({ format, levels, micronsPerPixel, objective, close }: TiledSlideOptions): Slide {
  const cache = new TileCache();
  const [{ width: fullWidth }] = levels as [TiledLevel | ComposedLevel];
  const described = levels.map(({ width, height, downsample = fullWidth / width }): SlideLevel => {
    return { width, height, downsample };
  });
  return {
    format,
    levels: described as [SlideLevel, ...SlideLevel[]],
    micronsPerPixel,
    objective,
    readRegion: async (index, region) => {
      const level = levels[index];
      if (!level) throw new RangeError(`There is no level ${index}: there are ${levels.length}.`);
      requireRegion(region);
      const { width, height } = region;
      const image: RgbImage = { width, height, data: new Uint8Array(width * height * 3).fill(WHITE) };
      for (const [part, { x, y, grid }] of [...partsOf(level).entries()].reverse()) {
        const read = (column: number, row: number) =>
          cache.get(`${index},${part},${column},${row}`, () => grid.readTile(column, row));
        await paintTiles(image, { ...region, x: region.x - x, y: region.y - y }, grid, read);
      }
      return image;
    },
    // gaps.ts handles the tiles that are missing from the file.
    isBlank: () => false,
    gapsOf: () => NO_GAPS,
    close,
  };
}

function partsOf(level: TiledLevel | ComposedLevel): ComposedLevel["parts"] {
  return "parts" in level ? level.parts : [{ x: 0, y: 0, grid: level }];
}

/** Copies the tiles that the region touches into its picture. Uncovered pixels stay unchanged. */
async function paintTiles(
  image: RgbImage,
  region: Region,
  grid: TiledLevel,
  read: TiledLevel["readTile"],
): Promise<void> {
  const columns = touched(region.x, region.width, axisOf(grid, "x"));
  const rows = touched(region.y, region.height, axisOf(grid, "y"));
  const tiles: Promise<void>[] = [];
  for (let row = rows.first; row < rows.end; row++) {
    for (let column = columns.first; column < columns.end; column++) {
      if (grid.isAbsent?.(column, row)) continue;
      tiles.push(read(column, row).then((tile) => tile && copyInto(image, region, placed(tile, column, row, grid))));
    }
  }
  const ends = await Promise.allSettled(tiles);
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

function requireRegion({ x, y, width, height }: Region): void {
  const whole = [x, y, width, height].every(Number.isSafeInteger);
  if (whole && width >= 1 && height >= 1) return;
  throw new RangeError(
    `A region needs whole numbers and at least one pixel, not ${width} x ${height} at (${x}, ${y}).`,
  );
}

/**
 * Tiles along one axis: the length of a tile, the distance between tiles, the length of the level, and the number of
 * tiles.
 */
interface Axis {
  readonly tile: number;
  readonly step: number;
  readonly level: number;
  readonly count: number;
}

function axisOf({ overlap, ...grid }: TiledLevel, axis: "x" | "y"): Axis {
  const [level, tile] = axis === "x" ? [grid.width, grid.tileWidth] : [grid.height, grid.tileHeight];
  if (!overlap) return { tile, step: tile, level, count: Math.ceil(level / tile) };
  return { tile, step: tile - overlap[axis], level, count: axis === "x" ? overlap.columns : overlap.rows };
}

/** The range of tiles along one axis that show the level's pixels from `start` on. `end` is exclusive. */
function touched(start: number, length: number, { step, level, count }: Axis): { first: number; end: number } {
  const from = Math.max(0, start);
  const to = Math.min(level, start + length);
  if (from >= to) return { first: 0, end: 0 };
  // The last tile is shown in full.
  return { first: Math.min(Math.floor(from / step), count - 1), end: Math.min(Math.ceil(to / step), count) };
}

/** A tile with its position on the level, and the size of its visible part. */
interface PlacedTile {
  readonly tile: RgbImage;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Hides the part of a tile that the next tile covers, and the padding of tiles at the right and lower edge. */
function placed(tile: RgbImage, column: number, row: number, grid: TiledLevel): PlacedTile {
  const [across, down] = [axisOf(grid, "x"), axisOf(grid, "y")];
  const shown = (axis: Axis, index: number, length: number) =>
    Math.min(length, axis.level - index * axis.step, index === axis.count - 1 ? axis.tile : axis.step);
  return {
    ...{ tile, x: column * across.step, y: row * down.step },
    ...{ width: shown(across, column, tile.width), height: shown(down, row, tile.height) },
  };
}

function copyInto(image: RgbImage, region: Region, { tile, x, y, width, height }: PlacedTile): void {
  const left = Math.max(x, region.x);
  const right = Math.min(x + width, region.x + region.width);
  const top = Math.max(y, region.y);
  const bottom = Math.min(y + height, region.y + region.height);
  if (left >= right) return;
  for (let row = top; row < bottom; row++) {
    const start = ((row - y) * tile.width + left - x) * 3;
    const target = ((row - region.y) * region.width + left - region.x) * 3;
    image.data.set(tile.data.subarray(start, start + (right - left) * 3), target);
  }
}
