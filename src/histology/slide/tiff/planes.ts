/** Red, green and blue in TIFF directories of their own as one picture of planes apart. */
import { UserError } from "../../../util/errors.ts";
import type { TiffImage } from "./image.ts";

const RGB = 2;
const GREY = 1;
const APART = 2;

/**
 * One picture as it is; of three grey ones that are kept alike, the picture that they make together.
 * @throws UserError if they differ in size, or in how they are kept.
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

/** All that must be alike, as text. */
function layoutOf({ offsets, byteCounts, jpegTables, coding, ...layout }: TiffImage): string {
  return JSON.stringify([layout, jpegTables && Array.from(jpegTables), [...coding]]);
}
