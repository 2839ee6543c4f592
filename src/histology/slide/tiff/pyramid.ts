/** A slide from TIFF directories: a full picture and its smaller versions; which directories these are, the formats say. */
import type { SlideFile } from "../file.ts";
import type { Slide } from "../slide.ts";
import { tiledSlide } from "../tiled.ts";
import type { Directory } from "./directories.ts";
import { describeImage, type TiffImage } from "./image.ts";
import { tiffLevel } from "./level.ts";

interface Pyramid {
  readonly format: string;
  readonly littleEndian: boolean;
  readonly full: Directory;
  /** In any order; those of another shape, such as a picture of the label, are left out. */
  readonly smaller: readonly Directory[];
  readonly micronsPerPixel: number | undefined;
  readonly objective?: number | undefined;
}

/** @throws UserError where a directory is damaged, or its picture of a kind that is not read. */
export async function openPyramid(file: SlideFile, { full, smaller, ...slide }: Pyramid): Promise<Slide> {
  const first = await describeImage(file, full);
  const images = [first];
  for (const directory of smaller) {
    const image = await describeImage(file, directory);
    if (isVersionOf(image, first)) images.push(image);
  }
  images.sort((a, b) => b.width - a.width);
  const levels = images.map((image) => tiffLevel(file, image, slide.littleEndian));
  return tiledSlide({ ...slide, levels, close: () => file.close() });
}

type Sizes = Pick<TiffImage, "width" | "height">;

/** Whether it shows the same in fewer pixels: its sides may be rounded up or down, level after level. */
export function isVersionOf(image: Sizes, full: Sizes): boolean {
  const across = full.width / image.width;
  const down = full.height / image.height;
  const slack = 2 / Math.min(image.width, image.height) + 0.01;
  return across > 1 && Math.abs(across / down - 1) <= slack;
}
