/** The patches that "explain" is asked about: a whole image each, or a place in a slide. */
import { toRecord } from "../../histology/dataset/record.ts";
import { decodeImage } from "../../histology/image/decode.ts";
import type { RgbImage } from "../../histology/image/rgb.ts";
import { openSlide } from "../../histology/slide/open.ts";
import { readScaled } from "../../histology/slide/resample.ts";
import { type ScaleOptions, scaleOf } from "../../histology/slide/scale.ts";
import type { Slide } from "../../histology/slide/slide.ts";
import { kindOf } from "../../system/files.ts";
import { UserError } from "../../util/errors.ts";

/** A place in a slide, in pixels of its level 0 from the left and from the top. */
export interface PatchPlace {
  readonly x: number;
  readonly y: number;
}

/** A place in a slide, and at which scale it is looked at. */
export interface SlidePlace extends PatchPlace, ScaleOptions {}

/** A patch as a record (histology/dataset/record.ts), and where it comes from. */
export interface Patch {
  readonly file: string;
  /** Its left upper corner, if a part of a slide was asked for. */
  readonly at?: PatchPlace;
  /** If the scale of the slide that it is a part of is a guess: what the guess is based on. */
  readonly scaleGuess?: Pick<Slide, "objective">;
  /** The size of the image that was resized, if it had another than a patch. */
  readonly resizedFrom?: readonly [width: number, height: number];
  readonly image: RgbImage;
}

/**
 * The image as a patch of `side` pixels, resized as "predict" does, or the patch of a slide with the left upper corner `at`.
 * @throws UserError if the file is no image or slide, or the place is not in it.
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

/** The patch as "slide" sees it: at the scale of the models, white beyond the slide. */
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
