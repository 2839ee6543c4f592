/**
 * Chooses the scale at which a slide is read, so that a patch shows the same width of tissue as in the training data.
 */
import { UserError } from "../../util/errors.ts";
import { RECORD_SIZE_PIXELS } from "../dataset/record.ts";
import type { Slide } from "./slide.ts";

/** The approximate width of tissue in a patch of the published data, in micrometres: 50 pixels of about 4 each. */
export const PATCH_SIZE_MICRONS = 200;

/** Micrometres per pixel times the objective's magnification, as usual in scanners: 0.5 at 20x, 0.25 at 40x. */
const MICRONS_TIMES_OBJECTIVE = 10;

/** The usual micrometres per pixel for an objective of this magnification. */
export const micronsOfObjective = (objective: number): number => MICRONS_TIMES_OBJECTIVE / objective;

export interface ScaleOptions {
  /** Width of a patch in model pixels, which is the side of the model's records. Default: 50. */
  readonly side?: number | undefined;
  /** Width of a model pixel in pixels of level 0. */
  readonly scale?: number | undefined;
  /** Width of a patch in micrometres. Default: 200 if a patch has 50 pixels. */
  readonly patchSizeUm?: number | undefined;
  /** Width of a level 0 pixel in micrometres. Overrides the slide's value. */
  readonly mpp?: number | undefined;
  /** Magnification of the scanning objective: 20 for 20x. Equivalent to `mpp` = 10 / objective. */
  readonly objective?: number | undefined;
}

export interface ScaleChoice {
  /** Width of a model pixel in pixels of level 0. */
  readonly scale: number;
  /** The reason for the choice, as a clause. */
  readonly reason: string;
  /** True if the scale is a guess, because the slide does not state its pixel size. */
  readonly guessed: boolean;
  /**
   * Width of a level 0 pixel in micrometres, as stated by the user or else by the slide; undefined if neither states
   * it.
   */
  readonly micronsPerPixel: number | undefined;
}

/**
 * The width of tissue in a patch, in micrometres: the user's value, or the default for patches of 50 pixels.
 * @throws UserError if a patch has another side and the user gave no width.
 */
export function patchSizeOf({
  side = RECORD_SIZE_PIXELS,
  patchSizeUm,
}: Pick<ScaleOptions, "side" | "patchSizeUm">): number {
  if (patchSizeUm !== undefined) return patchSizeUm;
  if (side === RECORD_SIZE_PIXELS) return PATCH_SIZE_MICRONS;
  throw new UserError(
    "slide-scale-unknown",
    `The model takes patches of ${side} x ${side} pixels, and how much tissue they show is not known: give --patch-size-um, the width of a patch ` +
      "in micrometres (and --mpp or --objective if the slide does not state the size of its pixels), or --scale.",
  );
}

/**
 * Returns the requested scale, or the scale at which a patch has the requested width. If the slide states only its
 * objective, 10 / objective micrometres per pixel is assumed. If it states nothing, level 0 is used. Both are guesses.
 * @throws UserError if a patch has a side other than 50 pixels and its scale cannot be determined.
 */
export function scaleOf(slide: Pick<Slide, "micronsPerPixel" | "objective">, options: ScaleOptions): ScaleChoice {
  const { side = RECORD_SIZE_PIXELS, scale, mpp, objective } = options;
  const { micronsPerPixel } = slide;
  if (scale !== undefined) return { scale, reason: "as --scale says", guessed: false, micronsPerPixel };
  const patchSizeUm = patchSizeOf(options);
  const at = (microns: number, whose: string) => ({
    scale: patchSizeUm / side / microns,
    reason: `a patch is ${patchSizeUm} micrometres wide, and the slide's pixels ${microns}${whose}`,
  });
  const stated = (microns: number, whose: string) => ({
    ...at(microns, whose),
    guessed: false,
    micronsPerPixel: microns,
  });
  if (mpp !== undefined) return stated(mpp, ", as --mpp says");
  if (objective !== undefined) return stated(micronsOfObjective(objective), `, as usual at --objective ${objective}x`);
  if (micronsPerPixel !== undefined) return stated(micronsPerPixel, "");
  if (slide.objective !== undefined) {
    const usual = `, as usual at the ${slide.objective}x objective that the slide states`;
    return { ...at(micronsOfObjective(slide.objective), usual), guessed: true, micronsPerPixel };
  }
  if (side !== RECORD_SIZE_PIXELS) {
    throw new UserError(
      "slide-scale-unknown",
      `The slide does not state how large its pixels are, so that a patch of ${patchSizeUm} micrometres cannot be found in it: ` +
        "give --mpp or --objective, or --scale instead of --patch-size-um.",
    );
  }
  const reason = "the slide does not state how large its pixels are, so level 0 is taken";
  return { scale: 1, reason, guessed: true, micronsPerPixel };
}

/** What a guessed scale is based on, and why it matters: two sentences for a warning. */
export function guessText(
  path: string,
  { objective }: Pick<Slide, "objective">,
  { side = RECORD_SIZE_PIXELS, patchSizeUm }: Pick<ScaleOptions, "side" | "patchSizeUm"> = {},
): string {
  const guess =
    objective === undefined
      ? "does not state how large its pixels are: level 0 is read as it is"
      : `states a ${objective}x objective, but not how large its pixels are: ${micronsOfObjective(objective)} micrometres are assumed`;
  const known =
    side === RECORD_SIZE_PIXELS
      ? `The model knows patches of about ${PATCH_SIZE_MICRONS} micrometres`
      : `A patch is taken to be ${patchSizeOf({ side, patchSizeUm })} micrometres wide`;
  return `${path} ${guess}. ${known}; at another scale its numbers mean nothing.`;
}
