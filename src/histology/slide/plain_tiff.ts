/** TIFF files of no special format: one picture, and smaller versions of it as libvips, GDAL and others write them. */
import type { SlideFormat } from "./format.ts";
import { type Directory, tiffOf } from "./tiff/directories.ts";
import { describeImage, type TiffImage } from "./tiff/image.ts";
import { tiffLevel } from "./tiff/level.ts";
import { micronsFromTags } from "./tiff/resolution.ts";
import { tiledSlide } from "./tiled.ts";

const NEW_SUBFILE_TYPE = 254;
/** Bits of that tag: a smaller version of another picture; a mask of one. */
const REDUCED = 1;
const MASK = 4;

export const plainTiff: SlideFormat = {
  name: "TIFF",

  async recognises(file) {
    return (await tiffOf(file)) !== undefined;
  },

  async open(file) {
    const tiff = (await tiffOf(file))!;
    const [first, ...others] = tiff.directories;
    const smaller = [...(await tiff.subDirectories(first)), ...others].filter(isReduced);
    const full = await describeImage(file, first);
    const images = [full];
    for (const directory of smaller) {
      const image = await describeImage(file, directory);
      if (isVersionOf(image, full)) images.push(image);
    }
    images.sort((a, b) => b.width - a.width);
    const levels = images.map((image) => tiffLevel(file, image, tiff.littleEndian));
    const micronsPerPixel = await micronsFromTags(first);
    return tiledSlide({ format: plainTiff.name, levels, micronsPerPixel, close: () => file.close() });
  },
};

function isReduced(directory: Directory): boolean {
  const kind = Number(directory.getValue(NEW_SUBFILE_TYPE));
  return (kind & REDUCED) !== 0 && (kind & MASK) === 0;
}

/** Whether it shows the same in fewer pixels: its sides may be rounded up or down, level after level. */
function isVersionOf(image: TiffImage, full: TiffImage): boolean {
  const across = full.width / image.width;
  const down = full.height / image.height;
  const slack = Math.max(across, down) / Math.min(image.width, image.height) + 0.01;
  return across > 1 && Math.abs(across / down - 1) <= slack;
}
