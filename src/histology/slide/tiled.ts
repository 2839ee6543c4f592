/** A slide whose levels are grids of tiles: regions are put together from the tiles that they touch; decoding is left to the levels. */
import type { RgbImage } from "../image/rgb.ts";
import type { Region, Slide, SlideLevel } from "./slide.ts";
import { TileCache } from "./tile_cache.ts";

/** A level as a grid of tiles of one size from the left upper corner; the last ones of a row or column may reach beyond it. */
export interface TiledLevel {
  readonly width: number;
  readonly height: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  /**
   * The tile's pixels, which may be fewer than a tile has where it reaches beyond the level; undefined where the file has none.
   * @throws UserError where it is damaged.
   */
  readTile(column: number, row: number): Promise<RgbImage | undefined>;
}

/** What is said of a slide besides its pixels. */
interface TiledSlideOptions {
  readonly format: string;
  /** The largest first; at least one. */
  readonly levels: readonly TiledLevel[];
  readonly micronsPerPixel: number | undefined;
  readonly objective?: number | undefined;
  close(): Promise<void>;
}

const WHITE = 255;

export function tiledSlide({ format, levels, micronsPerPixel, objective, close }: TiledSlideOptions): Slide {
  const cache = new TileCache();
  const [{ width: fullWidth }] = levels as [TiledLevel];
  const described = levels.map(({ width, height }): SlideLevel => ({ width, height, downsample: fullWidth / width }));
  return {
    format,
    levels: described as [SlideLevel, ...SlideLevel[]],
    micronsPerPixel,
    objective,
    readRegion: async (index, region) => {
      const level = levels[index];
      if (!level) throw new RangeError(`There is no level ${index}: there are ${levels.length}.`);
      const read = (column: number, row: number) =>
        cache.get(`${index},${column},${row}`, () => level.readTile(column, row));
      return readFromTiles(level, region, read);
    },
    close,
  };
}

/** The region put together from the tiles that it touches, white elsewhere. */
async function readFromTiles(level: TiledLevel, region: Region, read: TiledLevel["readTile"]): Promise<RgbImage> {
  requireRegion(region);
  const { x, y, width, height } = region;
  const image: RgbImage = { width, height, data: new Uint8Array(width * height * 3).fill(WHITE) };
  const columns = touched(x, width, level.tileWidth, level.width);
  const rows = touched(y, height, level.tileHeight, level.height);
  const tiles: Promise<void>[] = [];
  for (let row = rows.first; row < rows.end; row++) {
    for (let column = columns.first; column < columns.end; column++) {
      const place = { x: column * level.tileWidth, y: row * level.tileHeight };
      tiles.push(read(column, row).then((tile) => tile && copyInto(image, region, clipped(tile, place, level))));
    }
  }
  const ends = await Promise.allSettled(tiles);
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return image;
}

function requireRegion({ x, y, width, height }: Region): void {
  const whole = [x, y, width, height].every(Number.isSafeInteger);
  if (whole && width >= 1 && height >= 1) return;
  throw new RangeError(
    `A region needs whole numbers and at least one pixel, not ${width} x ${height} at (${x}, ${y}).`,
  );
}

/** The tiles along one axis that hold pixels of the level from `start` on: first, and one behind the last. */
function touched(start: number, length: number, tile: number, level: number): { first: number; end: number } {
  const from = Math.max(0, start);
  const to = Math.min(level, start + length);
  return from < to ? { first: Math.floor(from / tile), end: Math.ceil(to / tile) } : { first: 0, end: 0 };
}

/** A tile at its place on the level; what of it counts. */
interface PlacedTile {
  readonly tile: RgbImage;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Tiles at the right and lower edge hold more than the level: filling that is no picture. */
function clipped(tile: RgbImage, { x, y }: { x: number; y: number }, level: TiledLevel): PlacedTile {
  return { tile, x, y, width: Math.min(tile.width, level.width - x), height: Math.min(tile.height, level.height - y) };
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
