/**
 * Reads OME-TIFF. The XML description gives the image's directory and pixel size. Its sub-directories are the smaller
 * levels.
 */
import { UserError } from "../../util/errors.ts";
import { counted } from "../../util/numbers.ts";
import type { SlideFile } from "./file.ts";
import type { SlideFormat } from "./format.ts";
import { rgbChannels } from "./ome_channels.ts";
import { type OmeImage, readOme } from "./ome_xml.ts";
import { type Directory, descriptionOf, type TiffFile, tiffOf } from "./tiff/directories.ts";
import { openPyramid, type Planes } from "./tiff/pyramid.ts";
import { micronsFromTags, plausibleMicrons } from "./tiff/resolution.ts";

export const omeTiff: SlideFormat = {
  name: "OME-TIFF",
  extensions: [".tif", ".tiff"],

  async recognises(file) {
    const tiff = await tiffOf(file);
    return tiff !== undefined && /<(\w+:)?OME\b/.test(await descriptionOf(tiff.directories[0]));
  },

  async open(file, codecs) {
    const tiff = (await tiffOf(file))!;
    const image = largestImage(file, await descriptionOf(tiff.directories[0]));
    const planes = directoriesOf(file, tiff, image);
    const { significantBits } = image;
    return openPyramid(file, codecs, {
      format: omeTiff.name,
      littleEndian: tiff.littleEndian,
      full: planes,
      smaller: await smallerVersions(file, tiff, planes),
      micronsPerPixel: image.statesSize
        ? plausibleMicrons(image.micronsAcross, image.micronsDown)
        : await micronsFromTags(planes[0]),
      ...(significantBits === undefined ? {} : { mostValue: 2 ** significantBits - 1 }),
    });
  },
};

/** The largest image of the file is the slide. The others are the label or the overview of the glass. */
function largestImage(file: SlideFile, description: string): OmeImage {
  const images = parsed(description);
  const [largest] = images.sort((a, b) => b.width * b.height - a.width * a.height);
  if (largest) return largest;
  throw new UserError(
    "slide-damaged",
    `${file.path} has a damaged OME description, without an image: write the file again.`,
  );
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

/** The image's directory, or the directories of red, green and blue if these are separate images. */
function directoriesOf(file: SlideFile, tiff: TiffFile, image: OmeImage): Planes {
  const [first] = image.directories;
  const directory = directoryAt(file, tiff, image, first);
  const samples = Number(directory.getValue(SAMPLES_PER_PIXEL) ?? 1);
  if (image.planes > 1)
    throw new UserError("slide-unsupported", `${file.path} holds several focal planes or times: export one of them.`);
  if (image.samples <= samples) return [directory];
  const channels = samples === 1 && rgbChannels(image.channels);
  if (!channels) {
    throw new UserError(
      "slide-unsupported",
      `${file.path} holds ${counted(image.samples, "channel")}, each a picture of its own, which are not named red, green and blue: stained ` +
        "tissue is read as RGB; export it so.",
    );
  }
  return channels.map((place) => directoryAt(file, tiff, image, image.directories[place])) as unknown as Planes;
}

function directoryAt({ path }: SlideFile, tiff: TiffFile, image: OmeImage, place: number | undefined): Directory {
  const directory = place === undefined ? undefined : tiff.directories[place];
  const [width, height] = [directory?.getValue(WIDTH), directory?.getValue(HEIGHT)];
  if (directory && width === image.width && height === image.height) return directory;
  throw new UserError(
    "slide-damaged",
    `${path} describes a picture of ${image.width} x ${image.height} pixels that is not in its directory ${place ?? "of any number"}: ` +
      "write the file again, all of it in one file.",
  );
}

/** The smaller levels from the sub-directories. Sub-directories of the colour planes correspond by their order. */
async function smallerVersions({ path }: SlideFile, tiff: TiffFile, planes: Planes): Promise<Planes[]> {
  const [first, ...others] = await Promise.all(planes.map((plane) => tiff.subDirectories(plane)));
  if (others.some(({ length }) => length !== first!.length)) {
    throw new UserError(
      "slide-damaged",
      `${path} has another number of levels in each of its channels: write the file again.`,
    );
  }
  return first!.map((directory, level) => [directory, ...others.map((other) => other[level]!)]);
}
