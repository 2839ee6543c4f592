/** Decides whether a chosen file is a whole slide or a single patch. */
import { type PictureKind, pictureSizeOf } from "../../browser/pictures/facts.ts";
import { KIND_BYTES, readKindOf } from "../../histology/image/file_kinds.ts";
import { CONTAINER_EXTENSIONS } from "../../histology/slide/containers.ts";

/** A picture is a slide if it is wider and higher than this many patches. */
const MOST_SIDES = 4;

/** The bytes of a picture besides its pixels: more are not expected of a patch. */
const MOST_OTHER_BYTES = 2 ** 20;

/** Names of slides that need not begin like a picture. Files of the last formats are refused by name. */
export const SLIDE_NAMES = [
  ...[".svs", ".tif", ".tiff", ".ndpi", ".scn", ".bif", ".qptiff", ".dcm"],
  ...CONTAINER_EXTENSIONS,
] as const;

export const isSlideName = (name: string): boolean =>
  SLIDE_NAMES.some((extension) => name.toLowerCase().endsWith(extension));

/** Wider and higher pictures than this are slides, in pixels. @param side the side of the model's patches */
export const mostPatchPixels = (side: number): number => MOST_SIDES * side;

/**
 * Whether a file is a slide: a TIFF, a PNG, JPEG or WebP that is larger than a patch, or no picture but named as a slide.
 * A file that cannot be read is no slide; the classification then says why.
 * @param side the side of the model's patches in pixels
 */
export async function isSlide(file: File, side: number): Promise<boolean> {
  try {
    const kind = readKindOf(await bytesOf(file.slice(0, KIND_BYTES)));
    if (kind === undefined) return isSlideName(file.name);
    return kind === "TIFF" || (await isLarge(file, kind as PictureKind, mostPatchPixels(side)));
  } catch {
    return false;
  }
}

async function isLarge(file: File, kind: PictureKind, most: number): Promise<boolean> {
  if (file.size > most * most * 4 + MOST_OTHER_BYTES) return true;
  const size = pictureSizeOf(await bytesOf(file), kind);
  return size !== undefined && size.width > most && size.height > most;
}

const bytesOf = async (file: Blob): Promise<Uint8Array> => new Uint8Array(await file.arrayBuffer());
