/** Combines red, green and blue in separate TIFF directories into one image with separate planes. */
import { UserError } from "../../../util/errors.ts";
import type { TiffImage } from "./image.ts";

const RGB = 2;
const GREY = 1;
const APART = 2;

/**
 * Returns a single image unchanged. Combines three grey images with the same layout into one colour image.
 * @throws UserError if they differ in size or layout.
 */
export function joinedPlanes({ path }: { readonly path: string }, images: readonly TiffImage[]): TiffImage {
  const [first] = images as [TiffImage];
  if (images.length === 1) return first;
  const same = images.every((image) => image.photometric === GREY && layoutOf(image) === layoutOf(first));
  if (!same || first.samplesPerPixel !== 1) {
    throw new UserError(
      "slide-unsupported",
      `${path} holds red, green and blue in pictures that differ in size or kind, or are not grey: export it as RGB.`,
    );
  }
  const tiles = Math.ceil(first.width / first.tileWidth) * Math.ceil(first.height / first.tileHeight);
  const joined = (arrays: readonly ArrayLike<number>[]) => arrays.flatMap((array) => Array.from(array).slice(0, tiles));
  return {
    ...first,
    photometric: RGB,
    samplesPerPixel: images.length,
    planar: APART,
    planes: images.length,
    offsets: joined(images.map(({ offsets }) => offsets)),
    byteCounts: joined(images.map(({ byteCounts }) => byteCounts)),
  };
}

/** Everything that must be equal, as text. */
function layoutOf({ offsets, byteCounts, jpegTables, coding, ...layout }: TiffImage): string {
  return JSON.stringify([layout, jpegTables && Array.from(jpegTables), [...coding]]);
}
