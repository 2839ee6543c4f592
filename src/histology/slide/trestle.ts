/**
 * Reads Trestle slides: a TIFF file whose directories are the levels. Adjacent tiles overlap by the number of pixels
 * given in the description.
 */
import { UserError } from "../../util/errors.ts";
import type { SlideFile } from "./file.ts";
import type { SlideFormat } from "./format.ts";
import { descriptionOf, tiffOf } from "./tiff/directories.ts";
import { describeImage, isTiled } from "./tiff/image.ts";
import { tiffLevel } from "./tiff/level.ts";
import { plausibleMicrons, rationalOf, X_RESOLUTION, Y_RESOLUTION } from "./tiff/resolution.ts";
import { SOFTWARE_TAG, textOf } from "./tiff/texts.ts";
import { type TiledLevel, tiledSlide } from "./tiled.ts";

export const trestle: SlideFormat = {
  name: "Trestle",
  extensions: [".tif", ".tiff"],

  async recognises(file) {
    const tiff = await tiffOf(file);
    return tiff !== undefined && (await textOf(tiff.directories[0], SOFTWARE_TAG)).startsWith("MedScan");
  },

  async open(file, codecs) {
    const { littleEndian, directories } = (await tiffOf(file))!;
    const overlaps = overlapsOf(await descriptionOf(directories[0]));
    const levels: TiledLevel[] = [];
    for (const [index, directory] of directories.entries()) {
      if (!isTiled(directory)) throw damaged(file, `its directory ${index} has no tiles`);
      const level = tiffLevel({ file, codecs, littleEndian }, await describeImage(file, directory));
      levels.push(overlapping(file, level, overlaps[index] ?? { x: 0, y: 0 }));
    }
    const microns = [X_RESOLUTION, Y_RESOLUTION].map((tag) => rationalOf(directories[0], tag));
    const [x = Number.NaN, y = Number.NaN] = await Promise.all(microns);
    return tiledSlide({
      format: trestle.name,
      levels: levels.sort((a, b) => b.width - a.width),
      // The resolution tags contain micrometres per pixel, whatever their unit states.
      micronsPerPixel: plausibleMicrons(x, y),
      close: () => file.close(),
    });
  },
};

interface Overlap {
  readonly x: number;
  readonly y: number;
}

/**
 * The overlap of each level, from a description such as "Background Color=E6E6E6;Objective Power=10;OverlapsXY= 64 64
 * 32 32 16 16".
 */
function overlapsOf(description: string): Overlap[] {
  const field = description.split(";").find((text) => text.startsWith("OverlapsXY="));
  const numbers = (field ?? "").split(" ").slice(1).map(Number);
  return Array.from({ length: numbers.length >> 1 }, (_, i) => ({ x: numbers[2 * i]!, y: numbers[2 * i + 1]! }));
}

/** The level with its overlaps, and with its size reduced by them. */
function overlapping(file: SlideFile, level: TiledLevel, overlap: Overlap): TiledLevel {
  const { width, height, tileWidth, tileHeight } = level;
  const sound = [overlap.x, overlap.y].every((value) => Number.isSafeInteger(value) && value >= 0);
  // With a larger overlap, a region would need an unlimited number of tiles.
  if (!sound || overlap.x > tileWidth / 2 || overlap.y > tileHeight / 2) {
    throw damaged(file, `its tiles of ${tileWidth} x ${tileHeight} overlap by ${overlap.x} x ${overlap.y}`);
  }
  const [columns, rows] = [Math.ceil(width / tileWidth), Math.ceil(height / tileHeight)];
  const shown = { width: width - (columns - 1) * overlap.x, height: height - (rows - 1) * overlap.y };
  return { ...level, ...shown, overlap: { ...overlap, columns, rows } };
}

function damaged(file: SlideFile, why: string): UserError {
  return new UserError("slide-damaged", `${file.path} is a damaged Trestle slide (${why}): restore it.`);
}
