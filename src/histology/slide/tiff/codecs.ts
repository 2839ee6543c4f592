/**
 * Decodes the bytes of a TIFF tile to pixels, with one decoder per compression family. kinds.ts decides which kinds are
 * supported.
 */
import { deflateSync, zstdDecompress } from "node:zlib";
import { decodePixels } from "../../image/decode.ts";
import type { RgbImage } from "../../image/rgb.ts";
import { type JpegColours, wholeJpeg } from "../jpeg.ts";
import { readCodestream } from "../jpeg2000/codestream.ts";
import { decodeJpeg2000 } from "../jpeg2000/decode.ts";
import { codestreamOf } from "../jpeg2000/jp2.ts";
import type { TiffImage } from "./image.ts";
import { COMPRESSIONS, type Family, requireKnownKind } from "./kinds.ts";
import { singleTileTiff } from "./single.ts";

/** The bytes and size of a tile. */
export interface PackedTile {
  readonly width: number;
  readonly height: number;
  /** One buffer for all samples, or one per sample. */
  readonly planes: readonly [Buffer, ...Buffer[]];
  readonly littleEndian: boolean;
}

type Decode = (image: TiffImage, tile: PackedTile) => Promise<RgbImage>;

const byLibtiff: Decode = async (image, tile) => {
  const unpacked = image.compression === ZSTD ? await withoutZstd(image, tile) : { image, tile };
  const bytes = singleTileTiff(unpacked.image, unpacked.tile);
  return decoded(bytes, image, tile);
};

/** Replaces the codecs' error messages, which do not help users. */
async function decoded(bytes: Buffer, { compression }: TiffImage, { width, height }: PackedTile): Promise<RgbImage> {
  try {
    return await decodePixels(bytes, width * height);
  } catch {
    throw new Error(`its ${COMPRESSIONS[compression]!.name} data are damaged, cut off or of another size`);
  }
}

const ZSTD = 50000;
const DEFLATE = 8;

/**
 * sharp's libtiff is built without zstd. Node decompresses the data instead. libtiff then gets it as deflate without
 * compression, so that it still reverses the predictor.
 */
async function withoutZstd(image: TiffImage, tile: PackedTile): Promise<{ image: TiffImage; tile: PackedTile }> {
  const samples = image.planes > 1 ? 1 : image.samplesPerPixel;
  const size = Math.ceil((tile.width * samples * image.bits[0]!) / 8) * tile.height;
  const planes = await Promise.all(tile.planes.map((plane) => unzstd(plane, size)));
  const stored = planes.map((plane) => deflateSync(plane, { level: 0 })) as [Buffer, ...Buffer[]];
  return { image: { ...image, compression: DEFLATE }, tile: { ...tile, planes: stored } };
}

function unzstd(bytes: Buffer, size: number): Promise<Buffer> {
  return new Promise((done, fail) => {
    zstdDecompress(bytes, { maxOutputLength: size }, (error, plane) => {
      if (error || plane.length !== size) fail(new Error("its zstd data are damaged, cut off or of another size"));
      else done(plane);
    });
  });
}

const PHOTOMETRIC_COLOURS: Readonly<Record<number, JpegColours>> = { 1: "grey", 2: "rgb", 6: "ycbcr" };

/** Faster than decoding through libtiff, and stricter: libtiff accepts a truncated tile. */
const jpeg: Decode = async (image, tile) => {
  const colours = tile.planes.length > 1 ? "grey" : PHOTOMETRIC_COLOURS[image.photometric]!;
  return together(tile.planes, (bytes) => decoded(wholeJpeg(bytes, image.jpegTables, colours), image, tile));
};

/** The compressions that Aperio uses for YCbCr, whatever the photometric interpretation states. */
const APERIO_YCBCR = [33003, 33004];
const YCBCR = 6;

/**
 * Aperio's compression 33003 contains YCbCr. Bio-Formats writes RGB under the same number, either in separate planes or
 * with JPEG 2000's own colour transform, which the decoder reverses.
 */
const jpeg2000: Decode = async ({ compression, photometric, samplesPerPixel }, { planes, width, height }) => {
  const components = planes.length > 1 ? 1 : samplesPerPixel;
  return together(planes, (plane) => {
    const { bytes, ycbcr } = codestreamOf(plane);
    const { transformed, sampling } = readCodestream(bytes);
    if (sampling.length !== components) {
      throw new Error(`it has ${sampling.length} colour components, but the file states ${components}`);
    }
    const isYcbcr = ycbcr ?? (APERIO_YCBCR.includes(compression) || photometric === YCBCR);
    return decodeJpeg2000({ bytes, width, height, colours: isYcbcr && !transformed ? "ycbcr" : "rgb" });
  });
};

/** Decodes one picture, or combines three grey pictures as red, green and blue. */
async function together(
  planes: readonly [Buffer, ...Buffer[]],
  decode: (plane: Buffer) => Promise<RgbImage>,
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
  samples: byLibtiff,
  WebP: byLibtiff,
  JPEG: jpeg,
  "JPEG 2000": jpeg2000,
};

/** @throws UserError if images of this kind are not supported. */
export function decoderOf(path: string, image: TiffImage): (tile: PackedTile) => Promise<RgbImage> {
  requireKnownKind(path, image);
  const decode = DECODERS[COMPRESSIONS[image.compression]!.family];
  return (tile) => decode(image, tile);
}
