/** A slide from TIFF directories: a full picture and its smaller versions; which directories these are, the formats say. */
import { UserError } from "../../../util/errors.ts";
import { counted } from "../../../util/numbers.ts";
import type { SlideFile } from "../file.ts";
import { withFilledGaps } from "../gaps.ts";
import type { Slide } from "../slide.ts";
import { type TiledLevel, tiledSlide } from "../tiled.ts";
import type { Directory } from "./directories.ts";
import { describeImage, isReadByRows, type TiffImage } from "./image.ts";
import { tiffLevel } from "./level.ts";
import { joinedPlanes } from "./planes.ts";
import { rowLevel } from "./rows.ts";

/** A picture's directory; or those of its red, green and blue, each a grey picture. */
export type Planes = readonly [Directory, ...Directory[]];

interface Pyramid {
  readonly format: string;
  readonly littleEndian: boolean;
  readonly full: Planes;
  /** In any order; those of another shape, such as a picture of the label, are left out. */
  readonly smaller: readonly Planes[];
  readonly micronsPerPixel: number | undefined;
  /** The largest value that a sample can have, if that is stated besides the tags. */
  readonly mostValue?: number;
  readonly objective?: number | undefined;
}

/** @throws UserError if a directory is damaged, or its picture of a kind that is not read. */
export async function openPyramid(file: SlideFile, { full, smaller, mostValue, ...slide }: Pyramid): Promise<Slide> {
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
  const levels = images.map((image) => (isReadByRows(image) ? rowLevel : tiffLevel)(file, image, slide.littleEndian));
  if (first.bits[0] === 16) await requireFullRange(file.path, levels);
  return withFilledGaps(tiledSlide({ ...slide, levels, close: () => file.close() }), levels);
}

type Sizes = Pick<TiffImage, "width" | "height">;

/** Whether it shows the same in fewer pixels: its sides may be rounded up or down, level after level. */
export function isVersionOf(image: Sizes, full: Sizes): boolean {
  const across = full.width / image.width;
  const down = full.height / image.height;
  const slack = 2 / Math.min(image.width, image.height) + 0.01;
  return across > 1 && Math.abs(across / down - 1) <= slack;
}

/** As many tiles of the coarsest level are looked at. */
const MOST_LOOKED_AT = 16;
const HALF_OF_THE_RANGE = 128;

/**
 * Of 16 bits the upper 8 are shown, so what a camera of 10 to 14 bits wrote would be black. Glass, or the palest tissue, reaches at
 * least half of the range in each slide; what does not is refused.
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
    `${path} has 16 bits a sample, but none of ${counted(looked, "tile")} reaches half of the range: values of fewer bits would be shown ` +
      "nearly black; export it as RGB of 8 bits, or with values scaled to 16.",
  );
}
