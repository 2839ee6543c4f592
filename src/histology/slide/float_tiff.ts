/** A map of numbers as a tiled pyramidal TIFF of 32-bit floats, which slide viewers and image libraries open. */
import sharp from "sharp";

export interface FloatMap {
  readonly width: number;
  readonly height: number;
  /** [height, width] NaN if there is none. */
  readonly data: Float32Array;
  /** How wide a pixel of the map is; undefined if that is not known. */
  readonly pixelMicrons: number | undefined;
}

const TILE_PIXELS = 256;
const MICRONS_PER_MILLIMETRE = 1000;

/**
 * The bytes of the file, compressed without loss. Each further level halves the one before, by the mean of four pixels. The values pass
 * through a plain TIFF, since sharp takes raw floats for whole numbers.
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
  // sharp counts in pixels per millimetre.
  const resolution = pixelMicrons === undefined ? {} : { xres: MICRONS_PER_MILLIMETRE / pixelMicrons };
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
