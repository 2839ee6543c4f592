/** The one door to the image codecs: picture files to 8-bit RGB pixels, strictly, and pixels to PNG. */
import { open } from "node:fs/promises";
import sharp from "sharp";
import { fileError } from "../../system/files.ts";
import type { ErrorCode } from "../../util/error_codes.ts";
import { messageOf, UserError } from "../../util/errors.ts";
import { whole } from "../../util/numbers.ts";
import { KIND_BYTES, otherKindOf, readKindOf } from "./file_kinds.ts";
import type { RgbImage } from "./rgb.ts";

export type { RgbImage };

/** Larger pictures are refused before they are decoded: 25 million pixels of 16 bits and alpha are 200 MB on the way. */
const MAX_PIXELS = 25_000_000;

/** libvips's loaders that may run. The others (SVG, GIF, HEIF and more) would read what the documents do not promise. */
const LOADERS = ["Png", "Jpeg", "Tiff", "Webp"].map((format) => `VipsForeignLoad${format}`);

sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({ operation: LOADERS });

// Patches are small: many are decoded side by side, each on one thread, and none is decoded twice.
sharp.concurrency(1);
sharp.cache(false);

/**
 * Decodes a PNG, JPEG, TIFF (its first page) or WebP picture. Transparency is laid on white, the EXIF orientation is
 * applied, 16 bits become 8 (the high byte), grey becomes RGB, an embedded colour profile is converted to sRGB.
 * @param input the file's bytes, or its path.
 * @param place how errors name the picture.
 * @param maxPixels a larger picture is refused before it is decoded.
 * @throws UserError if the picture is damaged, cut off, unknown or too large: what can be half decoded is refused.
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
 * The same, of which errors are in the codec's own words.
 * @throws Error if the picture is damaged, cut off, unknown or too large.
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

/**
 * Why a picture cannot be read, in one sentence: what it is if it is of another kind, else that it is damaged.
 * @param head its first bytes.
 * @param error the codec's.
 */
export function unreadable(place: string, head: Uint8Array, error: unknown, maxPixels = MAX_PIXELS): UserError {
  const refusal = (code: ErrorCode, why: string, remedy: string) =>
    new UserError(code, `${place} is not a readable picture (${why}): ${remedy}.`);
  if (/pixel limit/.test(messageOf(error)))
    return refusal("image-too-large", `it has more than ${whole(maxPixels)} pixels`, "cut it into smaller ones");
  const kind = readKindOf(head);
  if (kind === "TIFF")
    return refusal("image-damaged", "as a TIFF file it is damaged, or of a kind that is not read", "save it as PNG");
  if (kind !== undefined)
    return refusal("image-damaged", `it begins as ${kind} does, but is damaged or cut off`, "restore or remove it");
  if (head.length === 0) return refusal("image-damaged", "it is empty", "restore or remove it");
  const other = otherKindOf(head);
  const kinds = "PNG, JPEG, TIFF or WebP";
  if (other === undefined)
    return refusal("image-unsupported", `it does not begin as ${kinds} does`, "restore or remove it");
  return refusal("image-unsupported", `it is ${other}`, `save it as ${kinds}, or remove it`);
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

/** The picture as the bytes of a PNG file (8-bit RGB); the same pixels give the same bytes. */
export async function encodePng(image: RgbImage): Promise<Buffer> {
  const { width, height, data } = image;
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** A smaller copy of at most `widthPixels`, as the bytes of a JPEG file: for pages, where a sharp original would be too much. */
export async function encodePreview({ width, height, data }: RgbImage, widthPixels: number): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: widthPixels, withoutEnlargement: true })
    .jpeg({ quality: 88, chromaSubsampling: "4:4:4" })
    .toBuffer();
}
