/**
 * Writes a map of numbers as a tiled pyramidal TIFF of 32-bit floats, which slide viewers and image libraries can open.
 */
import { codec } from "../image/codec.ts";

export interface FloatMap {
  readonly width: number;
  readonly height: number;
  /** [height, width] NaN where there is no value. */
  readonly data: Float32Array;
  /** Width of a map pixel in micrometres; undefined if unknown. */
  readonly pixelMicrons: number | undefined;
}

const TILE_PIXELS = 256;
const MICRONS_PER_MILLIMETRE = 1000;

/**
 * Encodes the map with lossless compression. Each further level halves the previous one by averaging 2 x 2 pixels. The
 * values are passed to sharp as an uncompressed TIFF, because sharp would treat raw floats as integers.
 */
export async function encodeFloatTiff({ width, height, data, pixelMicrons }: FloatMap): Promise<Buffer> {
  const { writeArrayBuffer } = await import("geotiff");
  const plain = await writeArrayBuffer(data, {
    width,
    height,
    BitsPerSample: [32],
    SampleFormat: [3],
    SamplesPerPixel: 1,
    PhotometricInterpretation: 1,
  });
  // sharp expects pixels per millimetre.
  const resolution = pixelMicrons === undefined ? {} : { xres: MICRONS_PER_MILLIMETRE / pixelMicrons };
  const sharp = await codec();
  return sharp(Buffer.from(plain as ArrayBuffer), { limitInputPixels: false })
    .toColourspace("b-w")
    .tiff({
      compression: "deflate",
      predictor: "float",
      tile: true,
      tileWidth: TILE_PIXELS,
      tileHeight: TILE_PIXELS,
      pyramid: true,
      bigtiff: false,
      resolutionUnit: "cm",
      ...resolution,
      ...(resolution.xres === undefined ? {} : { yres: resolution.xres }),
    })
    .toBuffer();
}

/**
 * Reads the values of a map that `encodeFloatTiff` wrote.
 * @throws Error if the bytes are no such map.
 */
export async function decodeFloatTiff(bytes: Uint8Array): Promise<Omit<FloatMap, "pixelMicrons">> {
  const { fromArrayBuffer } = await import("geotiff");
  const image = await (await fromArrayBuffer(Uint8Array.from(bytes).buffer)).getImage(0);
  const [data] = (await image.readRasters()) as unknown as readonly unknown[];
  if (!(data instanceof Float32Array)) throw new Error("it has no 32-bit floats");
  return { width: image.getWidth(), height: image.getHeight(), data };
}
