/** The scale of a slide: how wide a pixel is, what that is based on, and a bar of a round length. */

import { micronsOfObjective } from "../../../../histology/slide/scale.ts";
import { counted, fixed } from "../../../../util/numbers.ts";
import type { MapHeader, SlideFacts } from "../../../api/slides.ts";

export interface SlideScale {
  /** The width of a pixel of the slide in micrometres; null if nothing states it. */
  readonly microns: number | null;
  /** "as the file states", for people. */
  readonly basis: string;
}

/** An option of the scoring comes before the file, and a guess from the objective is last. */
export function scaleOfSlide(
  { micronsPerPixel, objective }: Pick<SlideFacts, "micronsPerPixel" | "objective">,
  map: Pick<MapHeader, "micronsPerPixel"> | undefined,
): SlideScale {
  const given = map?.micronsPerPixel ?? null;
  if (given !== null && given !== micronsPerPixel) {
    return { microns: given, basis: `${fixed(given, 4)} micrometres per pixel, by an option of the scoring` };
  }
  if (micronsPerPixel !== null) {
    return {
      microns: micronsPerPixel,
      basis: `${fixed(micronsPerPixel, 4)} micrometres per pixel, as the file states`,
    };
  }
  if (objective !== null) {
    const microns = micronsOfObjective(objective);
    return {
      microns,
      basis: `a guess: ${microns} micrometres per pixel, as usual at the ${objective}x objective of the file`,
    };
  }
  return { microns: null, basis: "the file does not state the size of its pixels" };
}

export interface ScaleBar {
  /** The length on the screen. */
  readonly pixels: number;
  /** "200 µm", "2 mm", "500 pixels". */
  readonly text: string;
}

/** The longest bar of 1, 2 or 5 times a power of ten that is not longer than `most` pixels of the screen. */
export function scaleBar(screenPixelsPerPixel: number, { microns }: SlideScale, most: number): ScaleBar {
  const perUnit = microns === null ? screenPixelsPerPixel : screenPixelsPerPixel / microns;
  const longest = most / perUnit;
  const power = 10 ** Math.floor(Math.log10(longest));
  const length = [5, 2, 1].map((one) => one * power).find((one) => one <= longest * (1 + 1e-9)) ?? power;
  return { pixels: length * perUnit, text: lengthText(length, microns !== null) };
}

function lengthText(length: number, isMicrons: boolean): string {
  const shown = Number(length.toPrecision(1));
  if (!isMicrons) return shown >= 1 ? counted(shown, "pixel") : `${shown} pixels`;
  return shown >= 1000 ? `${shown / 1000} mm` : `${shown} µm`;
}
