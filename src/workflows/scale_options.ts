/** The options that say at which scale a slide is looked at, and what a user is told of them; what follows is left to histology/slide/scale.ts. */
import { z } from "zod";
import { PATCH_SIZE_MICRONS, type ScaleOptions } from "../histology/slide/scale.ts";
import { UserError } from "../util/errors.ts";

export const scaleOption = z.number().min(0.1).max(1000).optional().meta({
  description:
    "Pixels of the slide that are one of the model's, instead of --patch-size-um. [by the slide's own scale, else 1]",
  placeholder: "FACTOR",
});

export const patchSizeOption = z
  .number()
  .positive()
  .max(100_000)
  .optional()
  .meta({
    description: `Micrometres that a patch is wide, where the slide states its scale. [${PATCH_SIZE_MICRONS}]`,
    placeholder: "UM",
  });

/** @throws UserError where both are given. */
export function requireOneScale({ scale, patchSizeUm }: ScaleOptions): void {
  if (scale === undefined || patchSizeUm === undefined) return;
  throw new UserError("--scale and --patch-size-um exclude each other: give one of them.");
}

/** What a user is told of a scale that is a guess. */
export function guessWarning(path: string): string {
  return (
    `${path} does not state how large its pixels are: level 0 is taken as it is. The model knows patches of about ${PATCH_SIZE_MICRONS} ` +
    "micrometres, at another scale its numbers mean nothing; give --scale where you know it."
  );
}
