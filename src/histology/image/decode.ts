/**
 * The interface to the image codecs. Decodes picture files strictly to 8-bit RGB pixels, and encodes pixels as PNG or
 * JPEG.
 */
import { open, readFile, stat } from "node:fs/promises";
import { fileError } from "../../system/files.ts";
import { UserError } from "../../util/errors.ts";
import { codec } from "./codec.ts";
import { KIND_BYTES } from "./file_kinds.ts";
import { decodePlainPng } from "./plain_png.ts";
import type { RgbImage } from "./rgb.ts";
import { MAX_PIXELS, unreadable } from "./unreadable.ts";

export type { RgbImage };

/** Larger files are not read whole: they are no plain PNG files, whose pictures are small. */
const MOST_PLAIN_BYTES = 2 * 1024 * 1024;

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
  const bytes = typeof input === "string" ? await smallFile(input) : input;
  const plain = bytes && decodePlainPng(bytes);
  if (plain && plain.width * plain.height <= maxPixels) return plain;
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

/** A file's bytes; undefined if it is large or cannot be read, which is reported later. */
async function smallFile(path: string): Promise<Uint8Array | undefined> {
  try {
    return (await stat(path)).size > MOST_PLAIN_BYTES ? undefined : await readFile(path);
  } catch {
    return undefined;
  }
}

/**
 * Like `decodeImage`, but errors keep the codec's message.
 * @throws Error if the picture is damaged, truncated, of an unknown kind or too large.
 */
export async function decodePixels(input: Uint8Array | string, maxPixels: number): Promise<RgbImage> {
  const sharp = await codec();
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
  const sharp = await codec();
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** Encodes a copy of at most `widthPixels` width as JPEG, for HTML pages where the full picture would be too large. */
export async function encodePreview({ width, height, data }: RgbImage, widthPixels: number): Promise<Buffer> {
  const sharp = await codec();
  return sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: widthPixels, withoutEnlargement: true })
    .jpeg({ quality: 88, chromaSubsampling: "4:4:4" })
    .toBuffer();
}
