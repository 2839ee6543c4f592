/** At which scale a slide is looked at: so that a patch is as much tissue as those that models are trained on. */
import { RECORD_SIZE_PIXELS } from "../dataset/record.ts";
import type { Slide } from "./slide.ts";

/** About how much tissue a patch of the published data is wide, in micrometres: 50 pixels of about 4. */
export const PATCH_SIZE_MICRONS = 200;

export interface ScaleOptions {
  /** Pixels of level 0 that a model pixel is wide. */
  readonly scale?: number | undefined;
  /** Micrometres that a patch is wide. */
  readonly patchSizeUm?: number | undefined;
}

export interface ScaleChoice {
  /** Pixels of level 0 that a model pixel is wide. */
  readonly scale: number;
  /** Where it comes from, as a clause. */
  readonly reason: string;
  /** It is a guess, since the slide does not state how large its pixels are. */
  readonly guessed: boolean;
}

/** The scale asked for, or the one at which a patch has the size asked for; level 0 where the slide does not state its own. */
export function scaleOf({ micronsPerPixel }: Pick<Slide, "micronsPerPixel">, options: ScaleOptions): ScaleChoice {
  const { scale, patchSizeUm = PATCH_SIZE_MICRONS } = options;
  if (scale !== undefined) return { scale, reason: "as --scale says", guessed: false };
  if (micronsPerPixel === undefined) {
    return {
      scale: 1,
      reason: "the slide does not state how large its pixels are, so level 0 is taken",
      guessed: true,
    };
  }
  return {
    scale: patchSizeUm / RECORD_SIZE_PIXELS / micronsPerPixel,
    reason: `a patch is ${patchSizeUm} micrometres wide, and the slide's pixels ${micronsPerPixel}`,
    guessed: false,
  };
}
