/**
 * Reads Ventana BIF and TIFF. The directories' descriptions identify the levels. Slides with overlapping tiles are
 * refused, because OpenSlide resamples them to a mean overlap.
 */
import { messageOf, UserError } from "../../util/errors.ts";
import { unreadFormat } from "./conversion.ts";
import type { SlideFile } from "./file.ts";
import type { SlideFormat } from "./format.ts";
import { type Directory, descriptionOf, tiffOf } from "./tiff/directories.ts";
import { describeImage, isTiled, type TiffImage } from "./tiff/image.ts";
import { tiffLevel } from "./tiff/level.ts";
import { plausibleMicrons } from "./tiff/resolution.ts";
import { textOf, XMP } from "./tiff/texts.ts";
import { type TiledLevel, tiledSlide } from "./tiled.ts";
import { scannedAreas, scanResolution } from "./ventana_xml.ts";

const VENTANA = { name: "Ventana BIF", converter: "libvips", example: "slide.bif" } as const;

export const ventana: SlideFormat = {
  name: VENTANA.name,
  extensions: [".bif", ".tif"],

  async recognises(file) {
    const tiff = await tiffOf(file);
    return tiff !== undefined && /<iScan\b/.test(await textOf(tiff.directories[0], XMP));
  },

  async open(file, codecs) {
    const { littleEndian, directories } = (await tiffOf(file))!;
    const microns = parsed(file, scanResolution, await textOf(directories[0], XMP));
    const described = await levelsOf(file, directories);
    const [first] = described;
    const xml = await textOf(first.directory, XMP);
    const levels: TiledLevel[] = [];
    for (const { directory, magnification } of described) {
      const image = await describeImage(file, directory);
      levels.push({
        ...tiffLevel({ file, codecs, littleEndian }, image),
        downsample: first.magnification / magnification,
      });
    }
    if (/<EncodeInfo\b/.test(xml)) requireOneGrid(file, await describeImage(file, first.directory), xml);
    return tiledSlide({
      format: ventana.name,
      levels,
      micronsPerPixel: plausibleMicrons(microns, microns),
      close: () => file.close(),
    });
  },
};

interface Level {
  readonly directory: Directory;
  readonly magnification: number;
}

/**
 * Finds levels by descriptions such as "level=0 mag=40 quality=95". The label and the thumbnail have other
 * descriptions.
 */
async function levelsOf(file: SlideFile, directories: readonly Directory[]): Promise<[Level, ...Level[]]> {
  const found: Level[] = [];
  for (const directory of directories) {
    const description = await descriptionOf(directory);
    if (!description.includes("level=")) continue;
    const fields = new Map(
      description
        .split(" ")
        .map((field): [string, string | undefined] => [field.split("=", 1)[0]!, field.split("=", 2)[1]]),
    );
    const [level, magnification] = [Number(fields.get("level")), Number(fields.get("mag"))];
    const before = found.at(-1)?.magnification ?? Number.POSITIVE_INFINITY;
    if (level !== found.length || !(magnification > 0 && magnification < before) || !isTiled(directory)) {
      throw damaged(file, `a level is described as "${description.slice(0, 100)}"`);
    }
    found.push({ directory, magnification });
  }
  if (found.length > 0) return found as [Level, ...Level[]];
  throw damaged(file, "none of its directories is a level");
}

/** Requires one scanned area that is the whole image and has no overlaps. */
function requireOneGrid(file: SlideFile, { tileWidth, tileHeight, ...image }: TiffImage, xml: string): void {
  const [area, ...more] = parsed(file, scannedAreas, xml);
  if (!area) throw damaged(file, "it describes no scanned area");
  if (more.length > 0) throw unreadFormat(file.path, VENTANA, "of several areas, which is not read");
  if (area.overlaps) throw unreadFormat(file.path, VENTANA, "whose tiles overlap, which is not read");
  const whole = area.columns * tileWidth === image.width && area.rows * tileHeight === image.height;
  const places = [area.x, area.originX, area.originY];
  if (whole && places.every((place) => place === 0) && area.y >= 0) return;
  throw unreadFormat(file.path, VENTANA, "of an area that is not the whole picture, which is not read");
}

function parsed<T>(file: SlideFile, read: (xml: string) => T, xml: string): T {
  try {
    return read(xml);
  } catch (error) {
    throw damaged(file, `its description is no XML: ${messageOf(error).split("\n")[0]}`);
  }
}

function damaged(file: SlideFile, why: string): UserError {
  return new UserError("slide-damaged", `${file.path} is a damaged Ventana slide (${why}): export it again.`);
}
