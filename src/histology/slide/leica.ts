/**
 * Reads Leica SCN: images of one or several areas of a glass slide. Each area has its own levels and its position on
 * the glass.
 */
import { messageOf, UserError } from "../../util/errors.ts";
import type { SlideCodecs } from "./codecs.ts";
import { unreadFormat } from "./conversion.ts";
import type { SlideFile } from "./file.ts";
import type { SlideFormat } from "./format.ts";
import { type LeicaCollection, type LeicaImage, readLeica } from "./leica_xml.ts";
import { descriptionOf, type TiffFile, tiffOf } from "./tiff/directories.ts";
import { describeImage } from "./tiff/image.ts";
import { tiffLevel } from "./tiff/level.ts";
import { micronsFromTags, plausibleMicrons } from "./tiff/resolution.ts";
import { type ComposedLevel, tiledSlide } from "./tiled.ts";

const LEICA = { name: "Leica SCN", converter: "vendor", example: "slide.scn" } as const;
const NAMESPACE = /http:\/\/www\.leica-microsystems\.com\/scn\/2010\/(10\/01|03\/10)/;

export const leica: SlideFormat = {
  name: LEICA.name,
  extensions: [".scn"],

  async recognises(file) {
    const tiff = await tiffOf(file);
    return tiff !== undefined && NAMESPACE.test(await descriptionOf(tiff.directories[0]));
  },

  async open(file, codecs) {
    const tiff = (await tiffOf(file))!;
    const collection = await collectionOf(file, tiff);
    const areas = areasOf(file, collection);
    const levels: ComposedLevel[] = [];
    for (const index of areas[0].levels.keys())
      levels.push(await levelAt(index, { file, codecs, tiff, collection, areas }));
    const first = areas[0].levels[0]!;
    const nanometres = areas[0].width / first.width;
    return tiledSlide({
      format: leica.name,
      levels,
      micronsPerPixel:
        (await micronsFromTags(tiff.directories[first.directory]!)) ??
        plausibleMicrons(nanometres / 1000, nanometres / 1000),
      close: () => file.close(),
    });
  },
};

async function collectionOf(file: SlideFile, { directories }: TiffFile): Promise<LeicaCollection> {
  try {
    return readLeica(await descriptionOf(directories[0]));
  } catch (error) {
    throw damaged(file, `its description is no XML: ${messageOf(error).split("\n")[0]}`);
  }
}

/** The images of tissue. The overview of the whole glass is excluded. Fluorescence is not supported. */
function areasOf(file: SlideFile, collection: LeicaCollection): readonly [LeicaImage, ...LeicaImage[]] {
  const isGlass = ({ x, y, width, height }: LeicaImage) =>
    x === 0 && y === 0 && width === collection.width && height === collection.height;
  const others = collection.images.filter((image) => !isGlass(image));
  const [first, ...more] = others.filter(({ illumination }) => illumination === "brightfield");
  if (!first && others.length > 0) throw unreadFormat(file.path, LEICA, "of fluorescence, which is not read");
  if (more.length >= MOST_AREAS) throw damaged(file, `it describes ${more.length + 1} areas`);
  if (!first || first.levels.length === 0) throw damaged(file, "it describes no picture of tissue");
  const sizes = [collection, first, ...more].flatMap(({ width, height }) => [width, height]);
  if (!sizes.every((size) => size > 0)) throw damaged(file, "its description states no sizes");
  const alike = more.every(
    (image) => image.objective === first.objective && image.levels.length === first.levels.length,
  );
  if (!alike) throw unreadFormat(file.path, LEICA, "whose areas were scanned differently, which is not read");
  return [first, ...more];
}

interface OpenLevel {
  readonly file: SlideFile;
  readonly codecs: SlideCodecs;
  readonly tiff: TiffFile;
  readonly collection: LeicaCollection;
  readonly areas: readonly [LeicaImage, ...LeicaImage[]];
}

/**
 * Lays out the areas as OpenSlide does: the finest area determines the scale, and positions are truncated to whole
 * pixels.
 */
async function levelAt(index: number, { file, codecs, tiff, collection, areas }: OpenLevel): Promise<ComposedLevel> {
  const scales = areas.map(({ width, levels }) => width / levels[index]!.width);
  const scale = Math.min(...scales);
  if (scales.some((other) => !(Math.abs(other / scales[0]! - 1) <= MOST_DIFFERENCE))) {
    throw unreadFormat(file.path, LEICA, "whose areas have different scales, which is not read");
  }
  const parts: ComposedLevel["parts"][number][] = [];
  for (const { x, y, levels } of areas) {
    const { directory, width, height } = levels[index]!;
    const found = tiff.directories[directory];
    const image = found && (await describeImage(file, found));
    if (!image || image.width !== width || image.height !== height) {
      throw damaged(
        file,
        `it describes a picture of ${width} x ${height} pixels that is not in its directory ${directory}`,
      );
    }
    if (!Number.isFinite(x) || !Number.isFinite(y)) throw damaged(file, "its description states no positions");
    const grid = tiffLevel({ file, codecs, littleEndian: tiff.littleEndian }, image);
    parts.push({ x: Math.trunc(x / scale), y: Math.trunc(y / scale), grid });
  }
  const [width, height] = [Math.ceil(collection.width / scale), Math.ceil(collection.height / scale)];
  if (Math.max(width, height) > MOST_SIDE_PIXELS) throw damaged(file, `it states ${width} x ${height} pixels`);
  return { width, height, parts };
}

const MOST_AREAS = 1000;
const MOST_DIFFERENCE = 0.02;
const MOST_SIDE_PIXELS = 1 << 26;

function damaged(file: SlideFile, why: string): UserError {
  return new UserError("slide-damaged", `${file.path} is a damaged Leica SCN slide (${why}): export it again.`);
}
