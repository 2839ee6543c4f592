/**
 * Decodes picture files in a browser to the pixels that the command line gets (histology/image/decode.ts), or refuses
 * them. What would need a conversion that is not done here is refused by name.
 */
import { KIND_BYTES, readKindOf } from "../../histology/image/file_kinds.ts";
import { flattened } from "../../histology/image/flatten.ts";
import type { RgbImage } from "../../histology/image/rgb.ts";
import { MAX_PIXELS, unreadable } from "../../histology/image/unreadable.ts";
import { UserError } from "../../util/errors.ts";
import { decodeJpeg, decodeWebp } from "./codec.ts";
import { type PictureFacts, type PictureKind, pictureFactsOf } from "./facts.ts";
import { decodePng } from "./png.ts";

const DECODERS: Readonly<Record<PictureKind, (bytes: Uint8Array) => RgbImage | Promise<RgbImage>>> = {
  PNG: decodePng,
  JPEG: async (bytes) => flattened(await decodeJpeg(bytes)),
  WebP: async (bytes) => flattened(await decodeWebp(bytes)),
};

/**
 * @param place the picture's name in errors
 * @param mostPixels larger pictures are refused before they are decoded
 * @throws UserError if the picture is damaged, too large, of a kind that is not read, turned, or has a colour profile
 */
export async function decodePicture(bytes: Uint8Array, place: string, mostPixels = MAX_PIXELS): Promise<RgbImage> {
  const kind = kindOf(bytes, place);
  try {
    requireUsable(pictureFactsOf(bytes, kind), place, mostPixels);
    return await DECODERS[kind](bytes);
  } catch (error) {
    throw understood(error, bytes, place);
  }
}

/**
 * The size and other facts of a picture, without decoding it.
 * @throws UserError if it is cut off, or of a kind that is not read
 */
export function pictureFacts(bytes: Uint8Array, place: string): PictureFacts {
  const kind = kindOf(bytes, place);
  try {
    return pictureFactsOf(bytes, kind);
  } catch (error) {
    throw understood(error, bytes, place);
  }
}

function kindOf(bytes: Uint8Array, place: string): PictureKind {
  const kind = readKindOf(bytes);
  if (kind === "TIFF") {
    throw unsupported(place, "a TIFF picture, which the browser's library does not read");
  }
  if (kind === undefined) throw unreadable(place, bytes.subarray(0, KIND_BYTES), new Error());
  return kind as PictureKind;
}

const understood = (error: unknown, bytes: Uint8Array, place: string): UserError =>
  error instanceof UserError ? error : unreadable(place, bytes.subarray(0, KIND_BYTES), error);

function requireUsable(facts: PictureFacts, place: string, mostPixels: number): void {
  const { width, height, hasProfile, orientation } = facts;
  if (width * height > mostPixels) throw unreadable(place, new Uint8Array(), new Error("pixel limit"), mostPixels);
  if (hasProfile) throw unsupported(place, "a picture with a colour profile, which is not converted here");
  if (orientation !== 1) throw unsupported(place, "a picture that is stored turned (EXIF)");
}

const unsupported = (place: string, what: string) =>
  new UserError(
    "image-unsupported",
    `${place} is ${what}: save it as PNG without that, or use cancernet's command line.`,
  );
