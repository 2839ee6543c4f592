/** TIFF files of no special format: one picture, and smaller versions of it as libvips, GDAL and others write them. */
import type { SlideFormat } from "./format.ts";
import { type Directory, tiffOf } from "./tiff/directories.ts";
import { refuseForeign } from "./tiff/foreign.ts";
import { openPyramid } from "./tiff/pyramid.ts";
import { micronsFromTags } from "./tiff/resolution.ts";

const NEW_SUBFILE_TYPE = 254;
/** Bits of that tag: a smaller version of another picture; a mask of one. */
const REDUCED = 1;
const MASK = 4;

export const plainTiff: SlideFormat = {
  name: "TIFF",
  // Scanners' own formats on TIFF's base are read or refused by name once they are opened.
  extensions: [".tif", ".tiff", ".qptiff", ".ndpi", ".scn", ".bif"],

  async recognises(file) {
    return (await tiffOf(file)) !== undefined;
  },

  async open(file) {
    const { littleEndian, directories, subDirectories } = (await tiffOf(file))!;
    const [full, ...others] = directories;
    await refuseForeign(file.path, full);
    return openPyramid(file, {
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
