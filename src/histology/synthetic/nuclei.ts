/**
 * The kinds of cell nuclei at about 4 um per pixel, and how to scatter them. The tissue files choose which kind to
 * draw.
 */
import type { RandomStream } from "../../system/random.ts";
import { type Canvas, fillEllipse } from "./canvas.ts";

/** A kind of nucleus. Each pair is the lowest and the highest value. */
export interface NucleusKind {
  radiusPixels: readonly [number, number];
  aspect: readonly [number, number];
  hematoxylin: readonly [number, number];
}

/** Small, round and very dark. */
export const LYMPHOCYTE: NucleusKind = { radiusPixels: [0.9, 1.1], aspect: [1, 1.15], hematoxylin: [0.85, 1] };
/** Small and regular: epithelium of normal glands. */
export const EPITHELIAL: NucleusKind = { radiusPixels: [0.95, 1.2], aspect: [1, 1.3], hematoxylin: [0.7, 0.85] };
/** Thin and long: fibroblasts between the fibres. */
export const SPINDLE: NucleusKind = { radiusPixels: [0.8, 1.1], aspect: [2.5, 4.5], hematoxylin: [0.55, 0.8] };
/** Large, with varying size, shape and stain: pleomorphic and hyperchromatic. */
export const MALIGNANT: NucleusKind = { radiusPixels: [1.2, 2.6], aspect: [1, 2.2], hematoxylin: [0.5, 1.1] };

/** Draws a nucleus. Without `angle` (radians) its direction is random. `depth` (default 1) scales its hematoxylin. */
export function drawNucleus(
  canvas: Canvas,
  random: RandomStream,
  kind: NucleusKind,
  place: { x: number; y: number; angle?: number; depth?: number },
): void {
  const shape = {
    x: place.x,
    y: place.y,
    radiusPixels: random.uniform(...kind.radiusPixels),
    aspect: random.uniform(...kind.aspect),
    angle: place.angle ?? random.uniform(0, Math.PI),
  };
  const hematoxylin = random.uniform(...kind.hematoxylin) * (place.depth ?? 1);
  fillEllipse(canvas, shape, { hematoxylin, eosin: 0.12, opacity: 0.92 });
}

/** A rectangle in pixels. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/**
 * Scatters points over a box, one per square of the given spacing. With disorder 0 each point is at the centre of its
 * square; with disorder 1 it can be anywhere in it.
 */
export function* strew(
  random: RandomStream,
  box: Box,
  spacingPixels: number,
  disorder: number,
): Generator<{ x: number; y: number }> {
  for (let y = box.top + spacingPixels / 2; y < box.top + box.height; y += spacingPixels) {
    for (let x = box.left + spacingPixels / 2; x < box.left + box.width; x += spacingPixels) {
      yield {
        x: x + (random.uniform() - 0.5) * disorder * spacingPixels,
        y: y + (random.uniform() - 0.5) * disorder * spacingPixels,
      };
    }
  }
}
