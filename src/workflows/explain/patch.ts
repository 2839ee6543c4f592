/** Reads the patches for "explain": each is a whole image, or a place in a slide. */
import { toRecord } from "../../histology/dataset/record.ts";
import { decodeImage } from "../../histology/image/decode.ts";
import type { RgbImage } from "../../histology/image/rgb.ts";
import { openSlide } from "../../histology/slide/open.ts";
import { readScaled } from "../../histology/slide/resample.ts";
import { type ScaleOptions, scaleOf } from "../../histology/slide/scale.ts";
import type { Slide } from "../../histology/slide/slide.ts";
import { kindOf } from "../../system/files.ts";
import { UserError } from "../../util/errors.ts";

/** A place in a slide, in pixels of level 0 from the left and from the top. */
export interface PatchPlace {
  readonly x: number;
  readonly y: number;
}

/** A place in a slide, and the scale at which to read it. */
export interface SlidePlace extends PatchPlace, ScaleOptions {}

/** A patch as a record (histology/dataset/record.ts), with its origin. */
export interface Patch {
  readonly file: string;
  /** The left upper corner in the slide, if the patch is part of a slide. */
  readonly at?: PatchPlace;
  /** If the patch is part of a slide whose scale is a guess: the data that the guess is based on. */
  readonly scaleGuess?: Pick<Slide, "objective">;
  /** The original size, if the image was resized. */
  readonly resizedFrom?: readonly [width: number, height: number];
  readonly image: RgbImage;
}

/**
 * Reads an image as a patch of `side` pixels, resized as in "predict", or reads the patch of a slide with the left
 * upper corner `at`.
 * @throws UserError if the file is not an image or slide, or if the place is outside of it.
 */
export async function readPatch(file: string, side: number, at?: SlidePlace): Promise<Patch> {
  const kind = await kindOf(file);
  if (kind === "nothing") throw new UserError("image-missing", `There is no image at ${file}: check the path.`);
  if (kind === "folder")
    throw new UserError("path-is-folder", `${file} is a folder: name the images in it that are to be explained.`);
  if (at) return patchOfSlide(file, side, at);
  const image = await decodeImage(file, file);
  const [width, height] = [image.width, image.height];
  const record = { width: side, height: side, data: toRecord(image, side) };
  const isPatch = width === side && height === side;
  return { file, image: record, ...(isPatch ? {} : { resizedFrom: [width, height] }) };
}

/** Reads a patch as "slide" does: at the scale of the models, white outside the slide. */
async function patchOfSlide(file: string, side: number, { x, y, ...wanted }: SlidePlace): Promise<Patch> {
  const slide = await openSlide(file);
  try {
    const [{ width, height }] = slide.levels;
    if (x >= width || y >= height) {
      throw new UserError(
        "option-invalid",
        `The place ${x},${y} is not in ${file} (${width} x ${height} pixels): give --at the left upper corner of a patch, ` +
          `X from 0 to ${width - 1} and Y from 0 to ${height - 1}.`,
      );
    }
    const { scale, guessed } = scaleOf(slide, { ...wanted, side });
    const image = await readScaled(slide, scale, { x: x / scale, y: y / scale, width: side, height: side });
    return { file, at: { x, y }, ...(guessed ? { scaleGuess: { objective: slide.objective } } : {}), image };
  } finally {
    await slide.close();
  }
}
