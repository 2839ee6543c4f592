/**
 * Makes a slide from TIFF directories: a full image and its smaller versions. The formats choose these directories.
 */
import { UserError } from "../../../util/errors.ts";
import { counted } from "../../../util/numbers.ts";
import type { SlideFile } from "../file.ts";
import { withFilledGaps } from "../gaps.ts";
import type { Slide } from "../slide.ts";
import { type TiledLevel, tiledSlide } from "../tiled.ts";
import type { TiffCodecs } from "./codecs.ts";
import type { Directory } from "./directories.ts";
import { describeImage, isReadByRows, type TiffImage } from "./image.ts";
import { tiffLevel } from "./level.ts";
import { joinedPlanes } from "./planes.ts";
import { rowLevel } from "./rows.ts";

/** The directory of an image, or the directories of its red, green and blue, each a grey image. */
export type Planes = readonly [Directory, ...Directory[]];

interface Pyramid {
  readonly format: string;
  readonly littleEndian: boolean;
  readonly full: Planes;
  /** In any order. Images of a different shape, such as the label, are ignored. */
  readonly smaller: readonly Planes[];
  readonly micronsPerPixel: number | undefined;
  /** The largest possible sample value, if stated outside the tags. */
  readonly mostValue?: number;
  readonly objective?: number | undefined;
}

/** @throws UserError if a directory is damaged, or its image is of an unsupported kind. */
export async function openPyramid(
  file: SlideFile,
  codecs: TiffCodecs,
  { full, smaller, mostValue, littleEndian, ...slide }: Pyramid,
): Promise<Slide> {
  const describe = async (planes: Planes): Promise<TiffImage> => {
    const image = joinedPlanes(file, await Promise.all(planes.map((directory) => describeImage(file, directory))));
    return mostValue === undefined ? image : { ...image, mostValue };
  };
  const first = await describe(full);
  const images = [first];
  for (const planes of smaller) {
    const image = await describe(planes);
    if (isVersionOf(image, first)) images.push(image);
  }
  images.sort((a, b) => b.width - a.width);
  const source = { file, codecs, littleEndian };
  const levels = images.map((image) => (isReadByRows(image) ? rowLevel : tiffLevel)(source, image));
  if (first.bits[0] === 16) await requireFullRange(file.path, levels);
  return withFilledGaps(tiledSlide({ ...slide, levels, close: () => file.close() }), levels);
}

type Sizes = Pick<TiffImage, "width" | "height">;

/** Whether an image shows the same area with fewer pixels. Its sides may be rounded up or down at each level. */
export function isVersionOf(image: Sizes, full: Sizes): boolean {
  const across = full.width / image.width;
  const down = full.height / image.height;
  const slack = 2 / Math.min(image.width, image.height) + 0.01;
  return across > 1 && Math.abs(across / down - 1) <= slack;
}

/** The number of tiles checked in the coarsest level. */
const MOST_LOOKED_AT = 16;
const HALF_OF_THE_RANGE = 128;

/**
 * Only the upper 8 of 16 bits are shown, so data from a camera of 10 to 14 bits would look black. In every slide, glass
 * or the palest tissue reaches at least half of the range. Images below this are refused.
 */
async function requireFullRange(path: string, levels: readonly TiledLevel[]): Promise<void> {
  const level = levels.at(-1)!;
  const [across, down] = [Math.ceil(level.width / level.tileWidth), Math.ceil(level.height / level.tileHeight)];
  const step = Math.max(1, Math.floor((across * down) / MOST_LOOKED_AT));
  let looked = 0;
  for (let tile = 0; tile < across * down && looked < MOST_LOOKED_AT; tile += step) {
    const picture = await level.readTile(tile % across, Math.floor(tile / across));
    if (!picture) continue;
    looked++;
    if (picture.data.some((value) => value >= HALF_OF_THE_RANGE)) return;
  }
  if (looked === 0) return;
  throw new UserError(
    "slide-unsupported",
    `${path} has 16 bits per sample, but none of ${counted(looked, "tile")} reaches half of the range: values of fewer bits would be shown ` +
      "nearly black; export it as RGB of 8 bits, or with values scaled to 16.",
  );
}
