/** OME-TIFF: the description in XML says which directory is the picture and how large its pixels are; its sub-directories are the smaller levels. */
import { UserError } from "../../util/errors.ts";
import { counted } from "../../util/numbers.ts";
import type { SlideFile } from "./file.ts";
import type { SlideFormat } from "./format.ts";
import { type OmeImage, readOme } from "./ome_xml.ts";
import { type Directory, descriptionOf, type TiffFile, tiffOf } from "./tiff/directories.ts";
import { openPyramid } from "./tiff/pyramid.ts";
import { plausibleMicrons } from "./tiff/resolution.ts";

export const omeTiff: SlideFormat = {
  name: "OME-TIFF",

  async recognises(file) {
    const tiff = await tiffOf(file);
    return tiff !== undefined && /<(\w+:)?OME\b/.test(await descriptionOf(tiff.directories[0]));
  },

  async open(file) {
    const tiff = (await tiffOf(file))!;
    const image = largestImage(file, await descriptionOf(tiff.directories[0]));
    const full = directoryOf(file, tiff, image);
    return openPyramid(file, {
      format: omeTiff.name,
      littleEndian: tiff.littleEndian,
      full,
      smaller: await tiff.subDirectories(full),
      micronsPerPixel: plausibleMicrons(image.micronsAcross, image.micronsDown),
    });
  },
};

/** The slide among the file's pictures: the others show its label, or the whole glass. */
function largestImage(file: SlideFile, description: string): OmeImage {
  const images = parsed(description);
  const [largest] = images.sort((a, b) => b.width * b.height - a.width * a.height);
  if (largest) return largest;
  throw new UserError(`${file.path} has a damaged OME description, in which no image is: write the file again.`);
}

function parsed(description: string): OmeImage[] {
  try {
    return readOme(description);
  } catch {
    return [];
  }
}

const SAMPLES_PER_PIXEL = 277;
const WIDTH = 256;
const HEIGHT = 257;

function directoryOf({ path }: SlideFile, tiff: TiffFile, image: OmeImage): Directory {
  const directory = tiff.directories[image.directory];
  const [width, height] = [directory?.getValue(WIDTH), directory?.getValue(HEIGHT)];
  if (!directory || width !== image.width || height !== image.height) {
    throw new UserError(
      `${path} describes a picture of ${image.width} x ${image.height} pixels that is not in its directory ${image.directory}: ` +
        "write the file again, all of it in one file.",
    );
  }
  const samples = Number(directory.getValue(SAMPLES_PER_PIXEL) ?? 1);
  if (image.planes > 1) throw new UserError(`${path} holds several focal planes or times: export one of them.`);
  if (image.channels > samples) {
    throw new UserError(
      `${path} holds ${counted(image.channels, "channel")}, each a picture of its own: stained tissue is read as RGB; export it so.`,
    );
  }
  return directory;
}
