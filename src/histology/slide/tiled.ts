/** A slide whose levels are grids of tiles: regions are put together from the tiles that they touch; decoding is left to the levels. */
import type { Region } from "../image/region.ts";
import type { RgbImage } from "../image/rgb.ts";
import type { Gaps, Slide, SlideLevel } from "./slide.ts";
import { TileCache } from "./tile_cache.ts";

/** A level as a grid of tiles of one size from the left upper corner; the last ones of a row or column may reach beyond it. */
export interface TiledLevel {
  readonly width: number;
  readonly height: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** Whether the file is known to have no such tile; if this is not given, only reading shows it. */
  isAbsent?(column: number, row: number): boolean;
  /** If a tile reaches into the next ones, which cover it there: by how many pixels, fewer than a tile has; and how many tiles there are. */
  readonly overlap?: { readonly x: number; readonly y: number; readonly columns: number; readonly rows: number };
  /** How many pixels of level 0 one pixel is wide, if the widths do not say it: those of some formats are rounded up to whole tiles. */
  readonly downsample?: number;
  /**
   * The tile's pixels, which may be fewer than a tile has where it reaches beyond the level; undefined if the file has none.
   * @throws UserError if it is damaged.
   */
  readTile(column: number, row: number): Promise<RgbImage | undefined>;
}

/** A level put together from several grids of tiles, at places of their own: white between them, the earlier ones on top. */
export interface ComposedLevel {
  readonly width: number;
  readonly height: number;
  readonly downsample?: number;
  readonly parts: readonly { readonly x: number; readonly y: number; readonly grid: TiledLevel }[];
}

/** What is said of a slide besides its pixels. */
interface TiledSlideOptions {
  readonly format: string;
  /** The largest first; at least one. */
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
    // What the file leaves out is looked after in gaps.ts.
    isBlank: () => false,
    gapsOf: () => NO_GAPS,
    close,
  };
}

function partsOf(level: TiledLevel | ComposedLevel): ComposedLevel["parts"] {
  return "parts" in level ? level.parts : [{ x: 0, y: 0, grid: level }];
}

/** Lays the tiles that the region touches onto its picture; what none covers stays as it is. */
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

/** Tiles along one axis: the length of each, from one to the next, and of the level; how many there are. */
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

/** The tiles along one axis that show pixels of the level from `start` on: first, and one behind the last. */
function touched(start: number, length: number, { step, level, count }: Axis): { first: number; end: number } {
  const from = Math.max(0, start);
  const to = Math.min(level, start + length);
  if (from >= to) return { first: 0, end: 0 };
  // The last tile is shown to its end.
  return { first: Math.min(Math.floor(from / step), count - 1), end: Math.min(Math.ceil(to / step), count) };
}

/** A tile at its place on the level; what of it counts. */
interface PlacedTile {
  readonly tile: RgbImage;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Of a tile that the next one covers in part the rest is shown; at the right and lower edge tiles hold filling that is no picture. */
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
