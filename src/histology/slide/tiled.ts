/** A slide whose levels are grids of tiles: regions are put together from the tiles that they touch; decoding is left to the levels. */
import type { RgbImage } from "../image/rgb.ts";
import type { Gaps, Region, Slide, SlideLevel } from "./slide.ts";
import { TileCache } from "./tile_cache.ts";

/** A level as a grid of tiles of one size from the left upper corner; the last ones of a row or column may reach beyond it. */
export interface TiledLevel {
  readonly width: number;
  readonly height: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** Whether the file is known to have no such tile; if this is not given, only reading shows it. */
  isAbsent?(column: number, row: number): boolean;
  /** By how many pixels a tile reaches into the next one, of which it covers the left or upper part; less than a tile. */
  readonly overlap?: { readonly x: number; readonly y: number };
  /** How many pixels of level 0 one pixel is wide, if the widths do not tell it: those of some formats are rounded up to whole tiles. */
  readonly downsample?: number;
  /**
   * The tile's pixels, which may be fewer than a tile has where it reaches beyond the level; undefined where the file has none.
   * @throws UserError where it is damaged.
   */
  readTile(column: number, row: number): Promise<RgbImage | undefined>;
}

/** A level put together from several grids of tiles, at places of their own: white between them, the later ones on top. */
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
      for (const [part, { x, y, grid }] of partsOf(level).entries()) {
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
  const { x: overlapX, y: overlapY } = grid.overlap ?? { x: 0, y: 0 };
  const columns = touched(region.x, region.width, { tile: grid.tileWidth, overlap: overlapX, level: grid.width });
  const rows = touched(region.y, region.height, { tile: grid.tileHeight, overlap: overlapY, level: grid.height });
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

/** Tiles along one axis: how long each is, by how much it reaches into the next one, how long the level is. */
interface Axis {
  readonly tile: number;
  readonly overlap: number;
  readonly level: number;
}

/** The tiles along one axis that show pixels of the level from `start` on: first, and one behind the last. */
function touched(start: number, length: number, { tile, overlap, level }: Axis): { first: number; end: number } {
  const from = Math.max(0, start);
  const to = Math.min(level, start + length);
  if (from >= to) return { first: 0, end: 0 };
  const step = tile - overlap;
  // All but the first tile show only what is behind the tile before.
  return {
    first: Math.max(0, Math.floor((from - overlap) / step)),
    end: Math.max(1, Math.ceil((to - overlap) / step)),
  };
}

/** A tile at its place on the level; what of it counts. */
interface PlacedTile {
  readonly tile: RgbImage;
  readonly x: number;
  readonly y: number;
  /** The first column and row of the tile that are shown. */
  readonly left: number;
  readonly top: number;
  /** One behind the last ones. */
  readonly right: number;
  readonly bottom: number;
}

/** Tiles at the right and lower edge hold more than the level: filling that is no picture. */
function placed(tile: RgbImage, column: number, row: number, grid: TiledLevel): PlacedTile {
  const { x: overlapX, y: overlapY } = grid.overlap ?? { x: 0, y: 0 };
  const [x, y] = [column * (grid.tileWidth - overlapX), row * (grid.tileHeight - overlapY)];
  return {
    ...{ tile, x, y, left: column > 0 ? overlapX : 0, top: row > 0 ? overlapY : 0 },
    ...{ right: Math.min(tile.width, grid.width - x), bottom: Math.min(tile.height, grid.height - y) },
  };
}

function copyInto(image: RgbImage, region: Region, { tile, x, y, ...shown }: PlacedTile): void {
  const left = Math.max(x + shown.left, region.x);
  const right = Math.min(x + shown.right, region.x + region.width);
  const top = Math.max(y + shown.top, region.y);
  const bottom = Math.min(y + shown.bottom, region.y + region.height);
  if (left >= right) return;
  for (let row = top; row < bottom; row++) {
    const start = ((row - y) * tile.width + left - x) * 3;
    const target = ((row - region.y) * region.width + left - region.x) * 3;
    image.data.set(tile.data.subarray(start, start + (right - left) * 3), target);
  }
}
