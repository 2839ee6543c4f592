/**
 * Decodes picture files in a browser to the pixels that the command line gets (histology/image/decode.ts), or refuses
 * them. What would need a conversion that is not done here is refused by name.
 */
import { KIND_BYTES, readKindOf } from "../../histology/image/file_kinds.ts";
import type { RgbImage } from "../../histology/image/rgb.ts";
import { MAX_PIXELS, unreadable } from "../../histology/image/unreadable.ts";
import { UserError } from "../../util/errors.ts";
import { CodecMissing, decodeJpeg, decodeWebp } from "./codec.ts";
import { type PictureFacts, type PictureKind, pictureFactsOf } from "./facts.ts";
import { flattened } from "./flatten.ts";
import { decodePng } from "./png.ts";

const DECODERS: Readonly<Record<PictureKind, (bytes: Uint8Array) => RgbImage | Promise<RgbImage>>> = {
  PNG: decodePng,
  JPEG: async (bytes) => flattened(await decodeJpeg(bytes)),
  WebP: async (bytes) => flattened(await decodeWebp(bytes)),
};

/**
 * @param place the picture's name in errors
 * @throws UserError if the picture is damaged, too large, of a kind that is not read, turned, or has a colour profile
 */
export async function decodePicture(bytes: Uint8Array, place: string): Promise<RgbImage> {
  const kind = readKindOf(bytes);
  if (kind === "TIFF") {
    throw unsupported(place, "a TIFF picture, which the browser's library does not read");
  }
  if (kind === undefined) throw unreadable(place, bytes.subarray(0, KIND_BYTES), new Error());
  try {
    requireUsable(pictureFactsOf(bytes, kind as PictureKind), place);
    return await DECODERS[kind as PictureKind](bytes);
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (error instanceof CodecMissing)
      throw new UserError("file-missing", `${error.message}: put it beside worker.js.`);
    throw unreadable(place, bytes.subarray(0, KIND_BYTES), error);
  }
}

function requireUsable({ width, height, hasProfile, orientation }: PictureFacts, place: string): void {
  if (width * height > MAX_PIXELS) throw unreadable(place, new Uint8Array(), new Error("pixel limit"));
  if (hasProfile) throw unsupported(place, "a picture with a colour profile, which is not converted here");
  if (orientation !== 1) throw unsupported(place, "a picture that is stored turned (EXIF)");
}

const unsupported = (place: string, what: string) =>
  new UserError("image-unsupported", `${place} is ${what}: save it as PNG without that, or use "cancernet predict".`);
