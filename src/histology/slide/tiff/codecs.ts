/**
 * Decodes the bytes of a TIFF tile to pixels, with one decoder per compression family. kinds.ts decides which kinds are
 * supported. The codecs themselves are passed in, because Node and a browser have different ones.
 */
import { UserError } from "../../../util/errors.ts";
import type { RgbImage } from "../../image/rgb.ts";
import { type JpegColours, wholeJpeg } from "../jpeg.ts";
import { readCodestream } from "../jpeg2000/codestream.ts";
import { codestreamOf } from "../jpeg2000/jp2.ts";
import type { Jpeg2000Order } from "../jpeg2000/unpack.ts";
import type { TiffImage } from "./image.ts";
import { COMPRESSIONS, type Family, requireKnownKind } from "./kinds.ts";

/** The bytes and size of a tile. */
export interface PackedTile {
  readonly width: number;
  readonly height: number;
  /** One array for all samples, or one per sample. */
  readonly planes: readonly [Uint8Array, ...Uint8Array[]];
  readonly littleEndian: boolean;
}

/** Decodes a tile. */
export type DecodeTile = (image: TiffImage, tile: PackedTile) => Promise<RgbImage>;

/** The decoders of what TIFF tiles contain. All of them throw an Error if the bytes are damaged in any way. */
export interface TiffCodecs {
  /** Why these codecs cannot decode a kind that is otherwise read, as a clause; undefined if they can. */
  problemOf(image: TiffImage): string | undefined;
  /** Plain samples, uncompressed or in any of the compressions of the family "samples". */
  readonly samples: DecodeTile;
  readonly webp: DecodeTile;
  /** A complete JPEG file. Larger pictures than `mostPixels` are refused. */
  jpeg(bytes: Uint8Array, mostPixels: number): Promise<RgbImage>;
  jpeg2000(order: Jpeg2000Order): Promise<RgbImage>;
}

/** The error for a damaged tile: the codecs' own messages do not help users. */
export const damagedTile = ({ compression }: TiffImage): Error =>
  new Error(`its ${COMPRESSIONS[compression]!.name} data are damaged, cut off or of another size`);

type Decode = (codecs: TiffCodecs, image: TiffImage, tile: PackedTile) => Promise<RgbImage>;

const PHOTOMETRIC_COLOURS: Readonly<Record<number, JpegColours>> = { 1: "grey", 2: "rgb", 6: "ycbcr" };

/** The tile becomes a JPEG file, because decoders of JPEG files are stricter than libtiff, which accepts half a tile. */
const jpeg: Decode = async (codecs, image, { planes, width, height }) => {
  const colours = planes.length > 1 ? "grey" : PHOTOMETRIC_COLOURS[image.photometric]!;
  return together(planes, (bytes) =>
    codecs.jpeg(wholeJpeg(bytes, image.jpegTables, colours), width * height).catch((error) => {
      throw error instanceof UserError ? error : damagedTile(image);
    }),
  );
};

/** The compressions that Aperio uses for YCbCr, whatever the photometric interpretation states. */
const APERIO_YCBCR = [33003, 33004];
const YCBCR = 6;

/**
 * Aperio's compression 33003 contains YCbCr. Bio-Formats writes RGB under the same number, either in separate planes or
 * with JPEG 2000's own colour transform, which the decoder reverses.
 */
const jpeg2000: Decode = async (codecs, { compression, photometric, samplesPerPixel }, { planes, width, height }) => {
  const components = planes.length > 1 ? 1 : samplesPerPixel;
  return together(planes, (plane) => {
    const { bytes, ycbcr } = codestreamOf(plane);
    const { transformed, sampling } = readCodestream(bytes);
    if (sampling.length !== components) {
      throw new Error(`it has ${sampling.length} colour components, but the file states ${components}`);
    }
    const isYcbcr = ycbcr ?? (APERIO_YCBCR.includes(compression) || photometric === YCBCR);
    return codecs.jpeg2000({ bytes, width, height, colours: isYcbcr && !transformed ? "ycbcr" : "rgb" });
  });
};

/** Decodes one picture, or combines three grey pictures as red, green and blue. */
async function together(
  planes: readonly [Uint8Array, ...Uint8Array[]],
  decode: (plane: Uint8Array) => Promise<RgbImage>,
): Promise<RgbImage> {
  const [first, ...others] = (await Promise.all(planes.map(decode))) as [RgbImage, ...RgbImage[]];
  if (others.length === 0) return first;
  const data = first.data.slice();
  for (const [index, { width, height, data: samples }] of others.entries()) {
    if (width !== first.width || height !== first.height) throw new Error("its planes differ in size");
    for (let i = index + 1; i < data.length; i += 3) data[i] = samples[i]!;
  }
  return { ...first, data };
}

const DECODERS: Readonly<Record<Family, Decode>> = {
  samples: (codecs, image, tile) => codecs.samples(image, tile),
  WebP: (codecs, image, tile) => codecs.webp(image, tile),
  JPEG: jpeg,
  "JPEG 2000": jpeg2000,
};

/** @throws UserError if images of this kind are not supported, at all or by these codecs. */
export function decoderOf(path: string, image: TiffImage, codecs: TiffCodecs): (tile: PackedTile) => Promise<RgbImage> {
  requireKnownKind(path, image);
  const problem = codecs.problemOf(image);
  if (problem !== undefined) {
    throw new UserError("slide-unsupported", `${path} has ${problem}: convert it to a tiled TIFF with JPEG, in RGB.`);
  }
  const decode = DECODERS[COMPRESSIONS[image.compression]!.family];
  return (tile) => decode(codecs, image, tile);
}
