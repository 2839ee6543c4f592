/** At which scale a slide is read, so that a patch is as much tissue as those that models are trained on. */
import { UserError } from "../../util/errors.ts";
import { RECORD_SIZE_PIXELS } from "../dataset/record.ts";
import type { Slide } from "./slide.ts";

/** About how much tissue a patch of the published data is wide, in micrometres: 50 pixels of about 4. */
export const PATCH_SIZE_MICRONS = 200;

/** Micrometres per pixel times the objective's magnification, as scanners have it: .5 at 20x, .25 at 40x. */
const MICRONS_TIMES_OBJECTIVE = 10;

/** Micrometres per pixel that an objective of this magnification usually gives. */
export const micronsOfObjective = (objective: number): number => MICRONS_TIMES_OBJECTIVE / objective;

export interface ScaleOptions {
  /** Model pixels that a patch is wide: the side of the records that the model takes; 50 unless given. */
  readonly side?: number | undefined;
  /** Pixels of level 0 that a model pixel is wide. */
  readonly scale?: number | undefined;
  /** Micrometres that a patch is wide; 200 unless given, if it has 50 pixels. */
  readonly patchSizeUm?: number | undefined;
  /** Micrometres that a pixel of level 0 is wide, instead of what the slide states. */
  readonly mpp?: number | undefined;
  /** Magnification of the objective that the slide was scanned with: 20 for 20x. It counts as `mpp` 10 / objective. */
  readonly objective?: number | undefined;
}

export interface ScaleChoice {
  /** Pixels of level 0 that a model pixel is wide. */
  readonly scale: number;
  /** The reason, as a clause. */
  readonly reason: string;
  /** It is a guess, since the slide does not state how large its pixels are. */
  readonly guessed: boolean;
  /** Micrometres that a pixel of level 0 is wide, as the user or else the slide states it; undefined if nobody does. */
  readonly micronsPerPixel: number | undefined;
}

/**
 * How much tissue a patch is wide, in micrometres: as it is said, or as it is known of patches of 50 pixels.
 * @throws UserError if a patch has another side, and nothing says it.
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
 * The scale that is asked for, or the one at which a patch is as wide as asked for. A slide that states only its objective is
 * read as if it were scanned at 10 / objective micrometres per pixel, and one that states nothing at level 0: both are guesses.
 * @throws UserError if a patch has another side than 50 pixels, and its scale cannot be known.
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
