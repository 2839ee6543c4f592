/** Reads general TIFF files: one image, and smaller versions of it as written by libvips, GDAL and others. */
import type { SlideFormat } from "./format.ts";
import { type Directory, tiffOf } from "./tiff/directories.ts";
import { refuseForeign } from "./tiff/foreign.ts";
import { openPyramid } from "./tiff/pyramid.ts";
import { micronsFromTags } from "./tiff/resolution.ts";

const NEW_SUBFILE_TYPE = 254;
/** Bits of that tag: the image is a smaller version of another one, or a mask. */
const REDUCED = 1;
const MASK = 4;

export const plainTiff: SlideFormat = {
  name: "TIFF",
  // Includes the extensions of scanner formats based on TIFF. Opening such a file reads it or refuses it by format
  // name.
  extensions: [".tif", ".tiff", ".qptiff", ".ndpi", ".scn", ".bif"],

  async recognises(file) {
    return (await tiffOf(file)) !== undefined;
  },

  async open(file, codecs) {
    const { littleEndian, directories, subDirectories } = (await tiffOf(file))!;
    const [full, ...others] = directories;
    await refuseForeign(file.path, full);
    return openPyramid(file, codecs, {
      format: plainTiff.name,
      littleEndian,
      full: [full],
      smaller: [...(await subDirectories(full)), ...others].filter(isReduced).map((directory) => [directory]),
      micronsPerPixel: await micronsFromTags(full),
    });
  },
};

function isReduced(directory: Directory): boolean {
  const kind = Number(directory.getValue(NEW_SUBFILE_TYPE));
  return (kind & REDUCED) !== 0 && (kind & MASK) === 0;
}
