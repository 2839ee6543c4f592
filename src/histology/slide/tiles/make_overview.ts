/**
 * Makes the tiles of a slide's coarse levels in one pass: the finest of them is averaged from the slide strip by strip,
 * and each other one from the level below it.
 */
import type { Region } from "../../image/region.ts";
import type { RgbImage } from "../../image/rgb.ts";
import type { Slide } from "../slide.ts";
import { boxAverage, readForOverview } from "./box_average.ts";
import { type PyramidLevel, TILE_PIXELS } from "./levels.ts";
import type { OverviewWriter } from "./overview_file.ts";
import { encodeTile } from "./render.ts";

/** The slide is read in regions of about this many pixels of its own along a side. */
const READ_PIXELS = 1024;
/** Regions that are decoded while another one is averaged. */
const READ_AT_ONCE = 3;
const WHITE = 255;

export interface OverviewPlan {
  readonly slide: Slide;
  readonly levels: readonly PyramidLevel[];
  /** The number of levels to make, from level 0 on. */
  readonly count: number;
}

/**
 * Writes all tiles of the overview.
 * @param onProgress is called with the finished and the total rows of tiles of its finest level, and may throw to stop
 * @throws UserError if the slide is damaged.
 */
export async function makeOverview(
  { slide, levels, count }: OverviewPlan,
  writer: OverviewWriter,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  const finest = levels[count - 1]!;
  const chain = chainOf(levels.slice(0, count), writer);
  const total = Math.ceil(finest.height / TILE_PIXELS);
  const read = (row: number) => (row < total ? readStrip(slide, finest, row) : undefined);
  let next = read(0);
  for (let row = 0; row < total; row++) {
    const strip = await next!;
    next = read(row + 1);
    next?.catch(() => {});
    onProgress(row, total);
    await chain(strip);
  }
  onProgress(total, total);
}

/** Row `row` of tiles of a level, as one picture. */
async function readStrip(slide: Slide, { width, height, scale }: PyramidLevel, row: number): Promise<RgbImage> {
  const top = row * TILE_PIXELS;
  const strip = emptyPicture(width, Math.min(TILE_PIXELS, height - top));
  const side = Math.max(1, Math.floor(READ_PIXELS / scale));
  const parts: Region[] = [];
  for (let x = 0; x < width; x += side) {
    for (let y = 0; y < strip.height; y += side) {
      parts.push({ x, y, width: Math.min(side, width - x), height: Math.min(side, strip.height - y) });
    }
  }
  const readNext = async (): Promise<void> => {
    for (let part = parts.shift(); part; part = parts.shift()) {
      paste(await readForOverview(slide, scale, { ...part, y: top + part.y }), strip, part);
    }
  };
  await Promise.all(Array.from({ length: READ_AT_ONCE }, readNext));
  return strip;
}

type Sink = (strip: RgbImage) => Promise<void>;

/** Takes strips of the last of the levels, a row of tiles each; writes tiles of all levels. */
function chainOf(levels: readonly PyramidLevel[], writer: OverviewWriter): Sink {
  const z = levels.length - 1;
  const coarser = z > 0 ? chainOf(levels.slice(0, z), writer) : undefined;
  const rows = Math.ceil(levels[z]!.height / TILE_PIXELS);
  let row = 0;
  let upper: RgbImage | undefined;
  return async (strip) => {
    await writeRow(strip, z, row++, writer);
    if (!coarser) return;
    const half = halved(strip);
    if (!upper && row < rows) upper = half;
    else {
      await coarser(upper ? joined(upper, half) : half);
      upper = undefined;
    }
  };
}

async function writeRow(strip: RgbImage, z: number, y: number, writer: OverviewWriter): Promise<void> {
  const tiles = Array.from({ length: Math.ceil(strip.width / TILE_PIXELS) }, (_, x) => encodeTile(cutTile(strip, x)));
  for (const [x, tile] of (await Promise.all(tiles)).entries()) await writer.add({ z, x, y }, tile);
}

function cutTile({ width, height, data }: RgbImage, column: number): RgbImage {
  const left = column * TILE_PIXELS;
  const tile = emptyPicture(Math.min(TILE_PIXELS, width - left), height);
  for (let row = 0; row < height; row++) {
    const start = (row * width + left) * 3;
    tile.data.set(data.subarray(start, start + tile.width * 3), row * tile.width * 3);
  }
  return tile;
}

/** Half of a picture. Beyond its right and lower edge it is white, as in `readScaled`. */
function halved(picture: RgbImage): RgbImage {
  const { width, height } = picture;
  if (width % 2 === 0 && height % 2 === 0) return boxAverage(picture, 2);
  const even = emptyPicture(width + (width % 2), height + (height % 2));
  even.data.fill(WHITE);
  paste(picture, even, { x: 0, y: 0 });
  return boxAverage(even, 2);
}

function joined(upper: RgbImage, lower: RgbImage): RgbImage {
  const both = emptyPicture(upper.width, upper.height + lower.height);
  both.data.set(upper.data, 0);
  both.data.set(lower.data, upper.data.length);
  return both;
}

function paste({ width, height, data }: RgbImage, into: RgbImage, { x, y }: Pick<Region, "x" | "y">): void {
  for (let row = 0; row < height; row++) {
    into.data.set(data.subarray(row * width * 3, (row + 1) * width * 3), ((y + row) * into.width + x) * 3);
  }
}

function emptyPicture(width: number, height: number): RgbImage {
  return { width, height, data: new Uint8Array(width * height * 3) };
}
