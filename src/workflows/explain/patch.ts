/** The patches that "explain" is asked about: a whole image each, or a place in a larger one. */
import { RECORD_SIZE_PIXELS, toRecord } from "../../histology/dataset/record.ts";
import { crop } from "../../histology/image/crop.ts";
import { decodeImage } from "../../histology/image/decode.ts";
import type { RgbImage } from "../../histology/image/rgb.ts";
import { UserError } from "../../util/errors.ts";
import { kindOf } from "../../util/files.ts";

/** A place in an image, in its pixels from the left and from the top. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** A patch as a record (histology/dataset/record.ts), and where it comes from. */
export interface Patch {
  readonly file: string;
  /** Its left upper corner, where a part of the image was asked for. */
  readonly at?: Place;
  /** The size of the image that was resized, where it had another than a patch. */
  readonly resizedFrom?: readonly [width: number, height: number];
  readonly image: RgbImage;
}

/**
 * The image as a patch, resized as "predict" does, or the patch with the left upper corner `at`.
 * @throws UserError where the file is no image, or the patch does not lie inside it.
 */
export async function readPatch(file: string, at?: Place): Promise<Patch> {
  const kind = await kindOf(file);
  if (kind === "nothing") throw new UserError(`There is no image at ${file}: check the path.`);
  if (kind === "folder") throw new UserError(`${file} is a folder: name the images in it that are to be explained.`);
  const image = await decodeImage(file, file);
  if (at) return { file, at, image: patchAt(image, at, file) };
  const [width, height] = [image.width, image.height];
  const record = { width: RECORD_SIZE_PIXELS, height: RECORD_SIZE_PIXELS, data: toRecord(image) };
  const isPatch = width === RECORD_SIZE_PIXELS && height === RECORD_SIZE_PIXELS;
  return { file, image: record, ...(isPatch ? {} : { resizedFrom: [width, height] }) };
}

function patchAt(image: RgbImage, { x, y }: Place, file: string): RgbImage {
  const side = RECORD_SIZE_PIXELS;
  const size = `${image.width} x ${image.height} pixels`;
  if (image.width < side || image.height < side) {
    throw new UserError(
      `${file} (${size}) is smaller than a patch of ${side} x ${side}: leave --at out, and it is resized.`,
    );
  }
  if (x + side > image.width || y + side > image.height) {
    throw new UserError(
      `The patch at ${x},${y} does not lie inside ${file} (${size}): give --at the left upper corner of its ${side} x ${side} pixels, ` +
        `X from 0 to ${image.width - side} and Y from 0 to ${image.height - side}.`,
    );
  }
  return crop(image, { x, y, width: side, height: side });
}
