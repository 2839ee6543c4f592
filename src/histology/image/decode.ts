/** The one door to the image codecs: picture files to 8-bit RGB pixels, strictly, and pixels to PNG. */
import sharp from "sharp";
import { messageOf, UserError } from "../../util/errors.ts";
import { fileError } from "../../util/files.ts";
import { whole } from "../../util/numbers.ts";
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
 * @throws UserError where the picture is damaged, cut off, unknown or too large: what can be half decoded is refused.
 */
export async function decodeImage(
  input: Uint8Array | string,
  place: string,
  maxPixels = MAX_PIXELS,
): Promise<RgbImage> {
  try {
    const { data, info } = await sharp(input, { failOn: "warning", limitInputPixels: maxPixels })
      .autoOrient()
      .flatten({ background: "#ffffff" })
      .toColourspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`${info.channels} colour channels`);
    return { width: info.width, height: info.height, data };
  } catch (error) {
    const known = fileError(error, `cannot read ${place}`, "check its path and permissions");
    if (known instanceof UserError) throw known;
    const reason = oneLine(messageOf(error)).replace(
      "Input image exceeds pixel limit",
      `it has more than ${whole(maxPixels)} pixels`,
    );
    throw new UserError(`${place} is not a readable picture (${reason}): restore or remove it.`);
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

/** The codec's message without its line ends, which it repeats the cause in. */
function oneLine(message: string): string {
  return message.split("\n").find((line) => line.trim() !== "") ?? "no reason given";
}
