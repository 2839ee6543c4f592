/**
 * The interface to the image codecs. Decodes picture files strictly to 8-bit RGB pixels, and encodes pixels as PNG or
 * JPEG.
 */
import { open } from "node:fs/promises";
import sharp from "sharp";
import { fileError } from "../../system/files.ts";
import { UserError } from "../../util/errors.ts";
import { KIND_BYTES } from "./file_kinds.ts";
import type { RgbImage } from "./rgb.ts";
import { MAX_PIXELS, unreadable } from "./unreadable.ts";

export type { RgbImage };

/**
 * The libvips loaders that may run. The others (SVG, GIF, HEIF and more) would read formats that the documentation does
 * not list as supported.
 */
const LOADERS = ["Png", "Jpeg", "Tiff", "Webp"].map((format) => `VipsForeignLoad${format}`);

sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({ operation: LOADERS });

// Patches are small. Many are decoded in parallel, so each uses one thread. None is decoded twice, so a cache is
// useless.
sharp.concurrency(1);
sharp.cache(false);

/**
 * Decodes a PNG, JPEG, TIFF (first page only) or WebP picture. Transparent pixels are blended with white. The EXIF
 * orientation is applied. 16-bit values are reduced to their high byte. Grey becomes RGB. An embedded colour profile is
 * converted to sRGB.
 * @param input the file's bytes, or its path.
 * @param place the picture's name in error messages.
 * @param maxPixels larger pictures are refused before decoding.
 * @throws UserError if the picture is damaged, truncated, of an unknown kind or too large. A partly decodable picture
 * is refused too.
 */
export async function decodeImage(
  input: Uint8Array | string,
  place: string,
  maxPixels = MAX_PIXELS,
): Promise<RgbImage> {
  try {
    return await decodePixels(input, maxPixels);
  } catch (error) {
    const understood = (problem: unknown) =>
      fileError(problem, `cannot read ${place}`, "check its path and permissions");
    if (understood(error) instanceof UserError) throw understood(error);
    if (typeof input !== "string") throw unreadable(place, input.subarray(0, KIND_BYTES), error, maxPixels);
    const head = await headOf(input).catch((problem: unknown) => {
      throw understood(problem);
    });
    throw unreadable(place, head, error, maxPixels);
  }
}

/**
 * Like `decodeImage`, but errors keep the codec's message.
 * @throws Error if the picture is damaged, truncated, of an unknown kind or too large.
 */
export async function decodePixels(input: Uint8Array | string, maxPixels: number): Promise<RgbImage> {
  const { data, info } = await sharp(input, { failOn: "warning", limitInputPixels: maxPixels })
    .autoOrient()
    .flatten({ background: "#ffffff" })
    .toColourspace("srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`${info.channels} colour channels`);
  return { width: info.width, height: info.height, data };
}

async function headOf(path: string): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(KIND_BYTES), 0, KIND_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Encodes the picture as PNG (8-bit RGB). The same pixels always give the same bytes. */
export async function encodePng(image: RgbImage): Promise<Buffer> {
  const { width, height, data } = image;
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** Encodes a copy of at most `widthPixels` width as JPEG, for HTML pages where the full picture would be too large. */
export async function encodePreview({ width, height, data }: RgbImage, widthPixels: number): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: widthPixels, withoutEnlargement: true })
    .jpeg({ quality: 88, chromaSubsampling: "4:4:4" })
    .toBuffer();
}
