/**
 * Decodes plain samples of TIFF tiles (uncompressed, LZW, deflate, PackBits) with geotiff.js, where libtiff is not
 * at hand. The pixels are those of node/codecs.ts, which uses libtiff.
 */
import { dataViewOf } from "../../../util/bytes.ts";
import { overWhite } from "../../image/flatten.ts";
import type { RgbImage } from "../../image/rgb.ts";
import { type DecodeTile, damagedTile, type PackedTile } from "./codecs.ts";
import type { TiffImage } from "./image.ts";
import { PREDICTED } from "./kinds.ts";

const WHITE_IS_ZERO = 0;
const RGB = 2;
const PALETTE = 3;
const LZW = 5;
const ZSTD = 50000;
const FILL_ORDER = 266;
const PREDICTOR = 317;
const COLOR_MAP = 320;
const ASSOCIATED_ALPHA = 1;

/** The kinds of samples that are not decoded here, as a clause with the tag and its value; undefined for the others. */
export function samplesProblem(image: TiffImage): string | undefined {
  const { compression, photometric, samplesPerPixel, extraSamples, coding } = image;
  // The library's decoder does not report damage.
  if (compression === ZSTD) return "TIFF compression 50000 (zstd), which is not read here";
  if (samplesPerPixel % 2 === 0 && extraSamples[0] === ASSOCIATED_ALPHA) {
    return "ExtraSamples 1 (colours multiplied by their transparency), which is not read here";
  }
  if (photometric === PALETTE && coding.get(COLOR_MAP)!.every((value) => value < 256)) {
    return "a ColorMap without values above 255, which is not read here";
  }
  return undefined;
}

/** @throws Error if the data are damaged. */
export const decodeSamples: DecodeTile = async (image, tile) => {
  const planes = await Promise.all(tile.planes.map((plane) => samplesOf(image, tile, plane)));
  return coloursOf(image, tile, planes);
};

/** The samples of a plane, [height, width, samples]. */
type Samples = Uint8Array | Uint16Array;

async function samplesOf(image: TiffImage, tile: PackedTile, plane: Uint8Array): Promise<Samples> {
  const { width, height, planes, littleEndian } = tile;
  const depth = image.bits[0]!;
  const perPixel = planes.length > 1 ? 1 : image.samplesPerPixel;
  const rowBytes = Math.ceil((width * perPixel * depth) / 8);
  const bytes = await unpacked(image, plane, rowBytes * height);
  if (depth < 8) return smallSamples(bytes, { width, height, depth, rowBytes });
  const samples = depth === 16 ? wideSamples(bytes, littleEndian) : bytes;
  const isDifference = PREDICTED.includes(image.compression) && image.coding.get(PREDICTOR)?.[0] === 2;
  if (isDifference) undoDifferences(samples, width * perPixel, perPixel);
  return samples;
}

/** Old files of LZW have the codes the other way round. */
const isOldLzw = (bytes: Uint8Array): boolean => bytes[0] === 0 && (bytes[1]! & 1) === 1;

/** Undoes the compression. The result is a copy of exactly `size` bytes. */
async function unpacked(image: TiffImage, plane: Uint8Array, size: number): Promise<Uint8Array> {
  const { compression, coding } = image;
  const packed = coding.get(FILL_ORDER)?.[0] === 2 ? plane.map((byte) => REVERSED[byte]!) : plane.slice();
  if (compression === LZW && isOldLzw(packed)) throw new Error("its LZW data are of the old kind, which is not read");
  const { getDecoder } = await import("geotiff");
  // The library would undo differences in the byte order of the processor, whatever that of the file is.
  const whole = { tileWidth: 0, tileHeight: 0, predictor: 1, bitsPerSample: 8, planarConfiguration: 1 };
  try {
    const decoder = await getDecoder(compression, whole);
    const bytes = new Uint8Array(await decoder.decode(packed.buffer));
    if (bytes.length >= size) return bytes.subarray(0, size);
  } catch {
    // The library's words do not help users.
  }
  throw damagedTile(image);
}

/** Each byte with its bits in the other order. */
const REVERSED = Uint8Array.from({ length: 256 }, (_, byte) => {
  let reversed = 0;
  for (let bit = 0; bit < 8; bit++) if (byte & (1 << bit)) reversed |= 128 >> bit;
  return reversed;
});

/** Samples of 1, 2 or 4 bits. Each row begins at a whole byte. */
function smallSamples(
  bytes: Uint8Array,
  { width, height, depth, rowBytes }: { width: number; height: number; depth: number; rowBytes: number },
): Uint8Array {
  const samples = new Uint8Array(width * height);
  const [perByte, most] = [8 / depth, 2 ** depth - 1];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const byte = bytes[y * rowBytes + Math.floor(x / perByte)]!;
      samples[at] = (byte >> (8 - depth * ((x % perByte) + 1))) & most;
    }
  }
  return samples;
}

function wideSamples(bytes: Uint8Array, littleEndian: boolean): Uint16Array {
  const view = dataViewOf(bytes);
  return Uint16Array.from({ length: bytes.length / 2 }, (_, i) => view.getUint16(2 * i, littleEndian));
}

/** Adds to each sample the one to its left, in place: a horizontal predictor. */
function undoDifferences(samples: Samples, rowLength: number, perPixel: number): void {
  for (let start = 0; start < samples.length; start += rowLength) {
    for (let i = start + perPixel; i < start + rowLength; i++) samples[i]! += samples[i - perPixel]!;
  }
}

/** Converts samples to colours as libvips does: transparent pixels over white, of 16 bits the upper 8. */
function coloursOf(image: TiffImage, { width, height }: PackedTile, planes: readonly Samples[]): RgbImage {
  const { photometric, samplesPerPixel } = image;
  const isDeep = image.bits[0] === 16;
  const most = isDeep ? 0xffff : 0xff;
  const colours = photometric === RGB ? 3 : 1;
  const stride = planes.length > 1 ? 1 : samplesPerPixel;
  const plane = (sample: number): Samples => planes[planes.length > 1 ? sample : 0]!;
  const start = (sample: number): number => (planes.length > 1 ? 0 : sample);
  const alphas = samplesPerPixel > colours ? plane(colours) : undefined;
  const data = new Uint8Array(width * height * 3);
  for (let channel = 0; channel < 3; channel++) {
    const sample = colours === 3 ? channel : 0;
    const meaning = valuesOf(image, channel);
    const samples = plane(sample);
    for (let pixel = 0; pixel < width * height; pixel++) {
      const own = meaning(samples[pixel * stride + start(sample)]!);
      const value = alphas ? overWhite(own, alphas[pixel * stride + start(colours)]!, most) : own;
      data[pixel * 3 + channel] = isDeep ? value >> 8 : value;
    }
  }
  return { width, height, data };
}

/** What a sample means in a channel: its value, the opposite of it, or a colour of the palette. */
function valuesOf({ photometric, bits, coding }: TiffImage, channel: number): (sample: number) => number {
  if (photometric === WHITE_IS_ZERO) return (sample) => 255 - sample;
  if (photometric !== PALETTE) return (sample) => sample;
  const map = coding.get(COLOR_MAP)!;
  const first = channel << bits[0]!;
  return (sample) => map[first + sample]! >> 8;
}
