/**
 * Draws invasive tumour: irregular nests and cords of crowded, large, uneven nuclei. anatomy.ts decides where it grows.
 */
import type { RandomStream } from "../../system/random.ts";
import type { Anatomy } from "./anatomy.ts";
import { type Canvas, type Filling, fillEllipse, isOpen } from "./canvas.ts";
import { NoiseField } from "./noise.ts";
import { drawNucleus, MALIGNANT, strew } from "./nuclei.ts";
import { type Fibres, isTumour } from "./stroma.ts";

/** The growth pattern of a case's tumour. */
export interface Growth {
  /** -1 = round nests, 1 = cords between the fibres; values near 0 mix both. */
  cords: number;
  /** -1 = little tumour in much stroma, 1 = solid sheets. */
  solidity: number;
  /** How strongly the nuclei stain: 1 = hyperchromatic, less = pale. */
  chromatin: number;
}

/** Draws the cells of all nests (first the cytoplasm, then the nuclei) and a few single cells in the stroma. */
export function drawTumour(
  canvas: Canvas,
  anatomy: Anatomy,
  fibres: Fibres,
  random: RandomStream,
  growth: Growth,
): void {
  const nests = outlineNests(anatomy, fibres, random, growth);
  const box = { left: 0, top: 0, width: anatomy.width, height: anatomy.height };
  const cells = strew(random, box, 3.5, 1).filter(({ x, y }) => {
    const inNest = nests[Math.round(y) * anatomy.width + Math.round(x)] === 1;
    if (random.uniform() > (inNest ? 0.88 : 0.05) || !isTumour(anatomy, x, y)) return false;
    return inNest || !isOpen(canvas, x, y);
  });
  const places = [...cells];
  for (const place of places) fillEllipse(canvas, { ...place, radiusPixels: 3.4 }, CYTOPLASM);
  for (const place of places) drawNucleus(canvas, random, MALIGNANT, { ...place, depth: growth.chromatin });
}

const CYTOPLASM: Filling = { hematoxylin: 0.08, eosin: 0.26, opacity: 0.7 };

/** One byte per pixel: 1 = inside a nest or cord. */
function outlineNests(anatomy: Anatomy, fibres: Fibres, random: RandomStream, growth: Growth): Uint8Array {
  const [round, cord, fringe, pattern, density] = [15, 1, 5, 140, 90].map((size) => new NoiseField(random, size));
  const { width, height, tumour } = anatomy;
  const nests = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const index = y * width + x;
      if (tumour[index] === 0) continue;
      const isCord = pattern!.at(x, y) + growth.cords * 0.6 > 0;
      const [across, along] = [fibres.across(x, y), fibres.along(x, y)];
      const field = isCord ? cord!.at(across / 7, along / 26) : round!.at(across, along);
      const level = -0.15 * growth.solidity - 0.25 * density!.at(x, y);
      nests[index] = field + 0.3 * fringe!.at(x, y) > level ? 1 : 0;
    }
  }
  return nests;
}
