/** Makes one tile of a slide: its pixels, averaged from the nearest finer level, as JPEG. */
import { codec } from "../../image/codec.ts";
import type { Region } from "../../image/region.ts";
import type { RgbImage } from "../../image/rgb.ts";
import { levelFor, readAveraged, readScaled } from "../resample.ts";
import type { Slide } from "../slide.ts";
import { type PyramidLevel, regionOfTile, type TilePlace } from "./levels.ts";

/** Colours at the edges of nuclei are what a pathologist looks at, so they have the same resolution as the lightness. */
const JPEG = { quality: 85, chromaSubsampling: "4:4:4" } as const;

/** The largest side of the level that is kept as pixels; coarser ones, which the slide does not have, are made from it. */
const MOST_KEPT_PIXELS = 1024;
const WHITE = 255;

/** Makes the tiles of one slide. */
export class TileRenderer {
  readonly #slide: Slide;
  readonly #levels: readonly PyramidLevel[];
  readonly #keptLevel: number;
  #kept: Promise<RgbImage> | undefined;

  constructor(slide: Slide, levels: readonly PyramidLevel[]) {
    this.#slide = slide;
    this.#levels = levels;
    const coarsest = slide.levels.length - 1;
    this.#keptLevel = levels.findLastIndex(
      ({ width, height, scale }) => Math.max(width, height) <= MOST_KEPT_PIXELS && levelFor(slide, scale) === coarsest,
    );
  }

  /**
   * A tile as JPEG.
   * @throws UserError if the pyramid has no such tile, or the slide is damaged there.
   */
  async render(place: TilePlace): Promise<Buffer> {
    const region = regionOfTile(this.#levels, place);
    if (place.z > this.#keptLevel) return encodeTile(await this.#read(place.z, region));
    this.#kept ??= this.#read(this.#keptLevel, { x: 0, y: 0, ...this.#levels[this.#keptLevel]! });
    const kept = await this.#kept;
    const source = { read: async (part: Region) => cut(kept, part), isBlank: () => false };
    return encodeTile(await readAveraged(source, 2 ** (this.#keptLevel - place.z), region));
  }

  #read(z: number, { x, y, width, height }: Region): Promise<RgbImage> {
    return readScaled(this.#slide, this.#levels[z]!.scale, { x, y, width, height });
  }
}

/** A part of a picture, which may extend beyond it; there it is white. */
function cut(image: RgbImage, { x, y, width, height }: Region): RgbImage {
  const part: RgbImage = { width, height, data: new Uint8Array(width * height * 3).fill(WHITE) };
  const [left, right] = [Math.max(x, 0), Math.min(x + width, image.width)];
  for (let row = Math.max(y, 0); row < Math.min(y + height, image.height); row++) {
    const line = image.data.subarray((row * image.width + left) * 3, (row * image.width + right) * 3);
    part.data.set(line, ((row - y) * width + left - x) * 3);
  }
  return part;
}

/** The pixels of a tile as JPEG. */
export async function encodeTile({ width, height, data }: RgbImage): Promise<Buffer> {
  const sharp = await codec();
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg(JPEG)
    .toBuffer();
}
