/** Reads Hamamatsu NDPI: a TIFF-like file that may exceed 4 GB. Each level is one JPEG stream of the whole image. */
import { messageOf, UserError } from "../../util/errors.ts";
import { unreadFormat } from "./conversion.ts";
import type { SlideFile } from "./file.ts";
import type { SlideFormat } from "./format.ts";
import { entryNumbers, type NdpiDirectory, ndpiDirectories } from "./ndpi/directories.ts";
import { ndpiLevel } from "./ndpi/level.ts";
import type { LevelPlan } from "./ndpi/level_plan.ts";
import { plausibleMicrons } from "./tiff/resolution.ts";
import { type TiledLevel, tiledSlide } from "./tiled.ts";

const NDPI = { name: "Hamamatsu NDPI", converter: "vendor", example: "slide.ndpi" } as const;

const TAG = {
  width: 256,
  height: 257,
  compression: 259,
  stripOffsets: 273,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  xResolution: 282,
  yResolution: 283,
  resolutionUnit: 296,
  version: 65420,
  /** The objective's magnification; -1 for the overview of the whole glass, -2 for a map. */
  lens: 65421,
  focalPlane: 65424,
  pieceStarts: 65426,
  pieceStartsHigh: 65432,
} as const;

const JPEG = 7;
const CENTIMETRE = 3;
const MOST_SIDE_PIXELS = 1 << 26;

export const ndpi: SlideFormat = {
  name: NDPI.name,
  extensions: [".ndpi"],

  async recognises(file) {
    return (await ndpiDirectories(file, TAG.version).catch(() => undefined)) !== undefined;
  },

  async open(file, codecs) {
    const directories = (await ndpiDirectories(file, TAG.version))!;
    const levels: TiledLevel[] = [];
    for (const directory of directories) {
      if (!(await isLevel(file, directory))) continue;
      const plan = await planOf(file, directory);
      if (plan.width >= (levels.at(-1)?.width ?? Number.POSITIVE_INFINITY))
        throw damaged(file, "its levels are out of order");
      levels.push(await understood(file, () => ndpiLevel(plan, codecs)));
    }
    if (levels.length === 0) throw damaged(file, "none of its directories is a level");
    return tiledSlide({
      format: ndpi.name,
      levels,
      micronsPerPixel: await micronsOf(file, directories[0]!),
      close: () => file.close(),
    });
  },
};

/** Only the middle focal plane is read, as in OpenSlide. */
async function isLevel(file: SlideFile, directory: NdpiDirectory): Promise<boolean> {
  const [lens = 0] = await understood(file, () => entryNumbers(file, directory, TAG.lens));
  const [plane = 0] = await understood(file, () => entryNumbers(file, directory, TAG.focalPlane));
  return lens > 0 && plane === 0;
}

async function planOf(file: SlideFile, directory: NdpiDirectory): Promise<LevelPlan> {
  const all = (tag: number) => understood(file, () => entryNumbers(file, directory, tag));
  const one = async (tag: number): Promise<number> => {
    const [value, ...more] = await all(tag);
    if (value !== undefined && more.length === 0 && Number.isSafeInteger(value) && value > 0) return value;
    throw damaged(file, `tag ${tag} is missing or no whole number`);
  };
  const [width, height] = [await one(TAG.width), await one(TAG.height)];
  const compression = await one(TAG.compression);
  if (compression !== JPEG) throw unreadFormat(file.path, NDPI, `with compression ${compression}, but JPEG is read`);
  if (Math.max(width, height) > MOST_SIDE_PIXELS) throw damaged(file, `it states ${width} x ${height} pixels`);
  if ((await one(TAG.rowsPerStrip)) !== height) throw damaged(file, "a level is not in one strip");
  const [start, bytes] = [await one(TAG.stripOffsets), await one(TAG.stripByteCounts)];
  if (start + bytes > file.size) {
    throw new UserError(
      "slide-damaged",
      `${file.path} is cut off or damaged: a level ends at byte ${start + bytes} of ${file.size}; restore it.`,
    );
  }
  const [low, high] = [await all(TAG.pieceStarts), await all(TAG.pieceStartsHigh)];
  const starts = high.length === low.length ? low.map((value, i) => value + high[i]! * 2 ** 32) : low;
  return { file, width, height, start, bytes, starts };
}

async function micronsOf(file: SlideFile, directory: NdpiDirectory): Promise<number | undefined> {
  const one = async (tag: number) =>
    (await understood(file, () => entryNumbers(file, directory, tag)))[0] ?? Number.NaN;
  if ((await one(TAG.resolutionUnit)) !== CENTIMETRE) return undefined;
  return plausibleMicrons(10_000 / (await one(TAG.xResolution)), 10_000 / (await one(TAG.yResolution)));
}

async function understood<T>(file: SlideFile, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw unreadFormat(file.path, NDPI, `that is damaged or of a kind that is not read (${messageOf(error)})`);
  }
}

function damaged(file: SlideFile, why: string): UserError {
  return new UserError("slide-damaged", `${file.path} is a damaged Hamamatsu NDPI slide (${why}): restore it.`);
}
