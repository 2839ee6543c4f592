/** Reads and checks the image description in a TIFF directory. level.ts reads its tiles. */
import { UserError } from "../../../util/errors.ts";
import { counted, whole } from "../../../util/numbers.ts";
import type { Directory } from "./directories.ts";

/** A tiled image. Strips are treated as tiles with the width of the image. */
export interface TiffImage {
  readonly width: number;
  readonly height: number;
  readonly tiled: boolean;
  readonly tileWidth: number;
  readonly tileHeight: number;
  /**
   * Offset and number of bytes of each tile, row-major, one plane after the other. 0 bytes means that the tile is
   * missing.
   */
  readonly offsets: ArrayLike<number>;
  readonly byteCounts: ArrayLike<number>;
  readonly compression: number;
  readonly photometric: number;
  readonly samplesPerPixel: number;
  /** Bits and format of the samples (format 1: unsigned integers): one value for all, or one per sample. */
  readonly bits: readonly number[];
  readonly sampleFormats: readonly number[];
  /** The meaning of each additional sample: 1 and 2 are transparency, 0 is not stated. */
  readonly extraSamples: readonly number[];
  /** PlanarConfiguration, as stated in the file. */
  readonly planar: number;
  /**
   * 1 if the samples of a pixel are interleaved. Otherwise the number of samples, each of which has separate tiles.
   */
  readonly planes: number;
  /** The largest sample value, if stated. */
  readonly mostValue: number | undefined;
  readonly jpegTables: Uint8Array | undefined;
  /** Tags needed only by the codecs: values by tag. */
  readonly coding: ReadonlyMap<number, readonly number[]>;
}

const TAG = {
  width: 256,
  height: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  stripOffsets: 273,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  maxSampleValue: 281,
  planarConfiguration: 284,
  predictor: 317,
  colorMap: 320,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  extraSamples: 338,
  sampleFormat: 339,
  jpegTables: 347,
} as const;

const CODING = [TAG.fillOrder, TAG.predictor, TAG.colorMap] as const;

/** 50 MB as RGB. A compressed tile is decoded as a whole. */
const MOST_TILE_PIXELS = 1 << 24;
const UNCOMPRESSED = 1;
const MOST_SIDE_PIXELS = 1 << 26;
const MOST_TILES = 1 << 24;
/** The limit for tags with one or more values per sample. A colour map of 8 bits has 768 values. */
const MOST_VALUES = 1 << 16;

/** A file's path and size, for error messages and checks. */
type NamedFile = { readonly path: string; readonly size: number };

/** Whether the image is stored in tiles and not in strips. */
export function isTiled(directory: Directory): boolean {
  return directory.hasTag(TAG.tileOffsets);
}

/** Uncompressed strips: the offset of each row is known, so parts of a strip can be read. */
export function isReadByRows({ tiled, compression }: TiffImage): boolean {
  return !tiled && compression === UNCOMPRESSED;
}

/**
 * @throws UserError if the directory does not describe an image, or is damaged. kinds.ts checks whether the kind is
 * supported.
 */
export async function describeImage(file: NamedFile, directory: Directory): Promise<TiffImage> {
  const numbers = await readNumbers(directory);
  const number = (tag: number, otherwise?: number): number => {
    const value = numbers(tag)?.[0] ?? otherwise;
    if (value !== undefined && Number.isSafeInteger(value) && value >= 0) return value;
    throw damaged(file, `tag ${tag} is missing or no whole number`);
  };
  const tiled = isTiled(directory);
  const width = number(TAG.width);
  const height = number(TAG.height);
  const samplesPerPixel = number(TAG.samplesPerPixel, 1);
  const planar = number(TAG.planarConfiguration, 1);
  const list = (tag: number, otherwise: readonly number[]): readonly number[] => {
    const values = numbers(tag) ?? otherwise;
    if (values.length > MOST_VALUES) throw damaged(file, `tag ${tag} has ${values.length} values`);
    return Array.from(values);
  };
  const image: TiffImage = {
    width,
    height,
    tiled,
    tileWidth: tiled ? number(TAG.tileWidth) : width,
    tileHeight: tiled ? number(TAG.tileHeight) : Math.min(number(TAG.rowsPerStrip, height), height),
    offsets: numbers(tiled ? TAG.tileOffsets : TAG.stripOffsets) ?? [],
    byteCounts: numbers(tiled ? TAG.tileByteCounts : TAG.stripByteCounts) ?? [],
    compression: number(TAG.compression, 1),
    photometric: number(TAG.photometric),
    samplesPerPixel,
    bits: list(TAG.bitsPerSample, [1]),
    sampleFormats: list(TAG.sampleFormat, [1]),
    extraSamples: list(TAG.extraSamples, []),
    planar,
    planes: planar === 2 ? samplesPerPixel : 1,
    mostValue: numbers(TAG.maxSampleValue)?.[0],
    jpegTables: bytesOf(directory, TAG.jpegTables),
    coding: new Map(CODING.flatMap((tag) => (numbers(tag) ? [[tag, list(tag, [])]] : []))),
  };
  requireSizes(file, image);
  requireBytesInside(file, image);
  return image;
}

/** Reads the numbers of all needed tags. The returned function gives undefined if a tag is absent. */
async function readNumbers(directory: Directory): Promise<(tag: number) => ArrayLike<number> | undefined> {
  const found = new Map<number, ArrayLike<number>>();
  for (const tag of Object.values(TAG)) {
    const value: unknown = await directory.loadValue(tag);
    if (typeof value === "number") found.set(tag, [value]);
    else if (typeof value === "object" && value !== null) found.set(tag, value as ArrayLike<number>);
  }
  return (tag) => found.get(tag);
}

function bytesOf(directory: Directory, tag: typeof TAG.jpegTables): Uint8Array | undefined {
  const value: unknown = directory.getValue(tag);
  return value instanceof Uint8Array ? value : undefined;
}

function requireSizes(file: NamedFile, image: TiffImage): void {
  const { width, height, tileWidth, tileHeight, samplesPerPixel, planes } = image;
  const sizes = `${width} x ${height} pixels in tiles of ${tileWidth} x ${tileHeight}`;
  if (Math.min(width, height, tileWidth, tileHeight, samplesPerPixel) < 1) throw damaged(file, `it states ${sizes}`);
  if (Math.max(width, height) > MOST_SIDE_PIXELS)
    throw damaged(file, `it states ${sizes}, expected ${whole(MOST_SIDE_PIXELS)} pixels per side at most`);
  if (tileWidth * tileHeight > MOST_TILE_PIXELS && !isReadByRows(image)) {
    throw new UserError(
      "slide-too-large",
      `${file.path} holds ${sizes} (or strips), and more than ${whole(MOST_TILE_PIXELS)} pixels are not decoded at once: ` +
        "convert it to a TIFF with tiles of 256 x 256.",
    );
  }
  const tiles = Math.ceil(width / tileWidth) * Math.ceil(height / tileHeight) * planes;
  const { length } = image.offsets;
  if (tiles > MOST_TILES || length < tiles || image.byteCounts.length < tiles) {
    throw damaged(
      file,
      `${sizes} need ${counted(tiles, "place")}, but it states ${whole(Math.min(length, image.byteCounts.length))}`,
    );
  }
}

/** Checked when the slide is opened. Otherwise a truncated file would be noticed only after hours of work. */
function requireBytesInside(file: NamedFile, { tileWidth, tileHeight, samplesPerPixel, ...image }: TiffImage): void {
  const { offsets, byteCounts, bits } = image;
  // Compressed data may be slightly larger than its content, but not many times larger.
  const most = 2 * tileWidth * tileHeight * samplesPerPixel * Math.ceil(Math.max(...bits.slice(0, 8), 8) / 8) + 65_536;
  for (let i = 0; i < byteCounts.length; i++) {
    const bytes = byteCounts[i]!;
    if (bytes === 0) continue;
    if (!(bytes > 0 && bytes <= most)) throw damaged(file, `a tile has ${counted(bytes, "byte")}`);
    if (!(offsets[i]! > 0 && offsets[i]! + bytes <= file.size)) {
      throw new UserError(
        "slide-damaged",
        `${file.path} is cut off or damaged: a tile ends at byte ${offsets[i]! + bytes} of ${file.size}; restore it.`,
      );
    }
  }
}

function damaged(file: NamedFile, why: string): UserError {
  return new UserError("slide-damaged", `${file.path} is a damaged TIFF file (${why}): restore it.`);
}
