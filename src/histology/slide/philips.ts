/**
 * Reads Philips TIFF. Its tiled directories are the levels, with sizes rounded up to whole tiles. The XML description
 * gives the pixel spacing of each level.
 */
import { messageOf, UserError } from "../../util/errors.ts";
import type { SlideFile } from "./file.ts";
import type { SlideFormat } from "./format.ts";
import { type PhilipsImage, readPhilips, type Spacing } from "./philips_xml.ts";
import { type Directory, descriptionOf, tiffOf } from "./tiff/directories.ts";
import { describeImage, isTiled } from "./tiff/image.ts";
import { tiffLevel } from "./tiff/level.ts";
import { plausibleMicrons } from "./tiff/resolution.ts";
import { SOFTWARE_TAG, textOf } from "./tiff/texts.ts";
import { type TiledLevel, tiledSlide } from "./tiled.ts";

export const philips: SlideFormat = {
  name: "Philips TIFF",
  extensions: [".tif", ".tiff"],

  async recognises(file) {
    const tiff = await tiffOf(file);
    if (!tiff || !(await textOf(tiff.directories[0], SOFTWARE_TAG)).startsWith("Philips")) return false;
    return /<DataObject\b/.test(await descriptionOf(tiff.directories[0]));
  },

  async open(file, codecs) {
    const { littleEndian, directories } = (await tiffOf(file))!;
    const image = await tissueImage(file, directories[0]);
    const tiled = directories.filter(isTiled);
    const spacings = image.levels;
    if (spacings.length !== tiled.length || spacings.includes(undefined)) {
      throw damaged(file, `it has ${tiled.length} levels and ${spacings.length} pixel spacings`);
    }
    const levels: TiledLevel[] = [];
    for (const [index, directory] of tiled.entries()) {
      const level = tiffLevel({ file, codecs, littleEndian }, await describeImage(file, directory));
      levels.push(cropped(level, levels[0] ?? level, ratioOf(spacings[index]!, spacings[0]!)));
    }
    requireSmallerAndSmaller(file, levels);
    const { x, y } = image.spacing ?? spacings[0]!;
    return tiledSlide({
      format: philips.name,
      levels,
      micronsPerPixel: plausibleMicrons(1000 * x, 1000 * y),
      close: () => file.close(),
    });
  },
};

async function tissueImage(file: SlideFile, first: Directory): Promise<PhilipsImage> {
  const description = await descriptionOf(first);
  let images: PhilipsImage[];
  try {
    images = readPhilips(description);
  } catch (error) {
    throw damaged(file, `its description is no XML: ${messageOf(error).split("\n")[0]}`);
  }
  const [image, ...more] = images.filter(({ kind }) => kind === "WSI");
  if (image && more.length === 0) return image;
  throw damaged(
    file,
    `it describes ${images.length === 0 ? 0 : more.length + (image ? 1 : 0)} pictures of tissue, not one`,
  );
}

/** The downsampling factor of a level relative to the first one, which is an integer. */
function ratioOf(spacing: Spacing, first: Spacing): number {
  return Math.round((spacing.x / first.x + spacing.y / first.y) / 2);
}

/** The level without its padding: its size is computed from the first level's size. */
function cropped(level: TiledLevel, { width, height }: TiledLevel, downsample: number): TiledLevel {
  const whole = (side: number, own: number) => Math.max(1, Math.min(own, Math.trunc(side / downsample)));
  return { ...level, width: whole(width, level.width), height: whole(height, level.height), downsample };
}

function requireSmallerAndSmaller(file: SlideFile, levels: readonly TiledLevel[]): void {
  for (const [index, level] of levels.entries()) {
    const before = levels[index - 1];
    if (
      !before ||
      (level.width <= before.width && level.height <= before.height && level.downsample! > before.downsample!)
    ) {
      continue;
    }
    throw damaged(file, `level ${index} is not smaller than the one before`);
  }
}

function damaged(file: SlideFile, why: string): UserError {
  return new UserError("slide-damaged", `${file.path} is a damaged Philips TIFF (${why}): export it again.`);
}
