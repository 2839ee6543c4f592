/** What a page may give as a model and as pictures, brought into the form that the workers take. */
import { messageOf, UserError } from "../util/errors.ts";
import { counted, whole } from "../util/numbers.ts";
import type { SentPicture } from "./protocol.ts";

/** A model file: an address (relative to the page), a file that the user chose, or its bytes. */
export type ModelInput = string | URL | Blob | ArrayBuffer | Uint8Array;

/**
 * A picture: a PNG, JPEG or WebP file, or pixels, 8-bit sRGB by row. Pixels have 3 bytes (red, green, blue) or 4 bytes
 * (with alpha, as ImageData has). A page that reads pixels from a canvas must know that some browsers change them.
 */
export type Picture =
  | Blob
  | { readonly width: number; readonly height: number; readonly data: Uint8Array | Uint8ClampedArray };

/** @throws UserError if an address cannot be loaded */
export async function modelBytes(source: ModelInput): Promise<{ readonly bytes: Uint8Array; readonly place: string }> {
  if (source instanceof Blob) return { bytes: new Uint8Array(await source.arrayBuffer()), place: blobName(source) };
  if (source instanceof Uint8Array) return { bytes: source, place: "the model" };
  if (source instanceof ArrayBuffer) return { bytes: new Uint8Array(source), place: "the model" };
  const address = String(source);
  try {
    const response = await fetch(address);
    if (!response.ok) throw new Error(`status ${response.status}`);
    return { bytes: new Uint8Array(await response.arrayBuffer()), place: address };
  } catch (error) {
    throw new UserError("model-missing", `${address} cannot be loaded (${messageOf(error)}): check the address.`);
  }
}

/** @throws UserError if pixels have another number of bytes than their size says */
export function sentPicture(picture: Picture, index: number): SentPicture {
  if (picture instanceof Blob) return { file: picture, name: blobName(picture, `picture ${whole(index + 1)}`) };
  const { width, height, data } = picture;
  const pixels = width * height;
  if (
    Number.isInteger(width) &&
    Number.isInteger(height) &&
    pixels > 0 &&
    [3, 4].some((n) => data.length === n * pixels)
  )
    return { width, height, data };
  throw new UserError(
    "option-invalid",
    `Picture ${whole(index + 1)} of ${width} x ${height} has ${counted(data.length, "byte")}, expected 3 or 4 per pixel.`,
  );
}

/** The name of a file; a Blob without a name is called `otherwise`. */
export const blobName = (file: Blob, otherwise = "the model"): string =>
  "name" in file && typeof file.name === "string" && file.name !== "" ? file.name : otherwise;
