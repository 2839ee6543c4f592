/** The appearance of a case's stains, scanner and section: converts stain amounts to RGB by the Beer-Lambert law. */
import type { RandomStream } from "../../system/random.ts";
import type { Canvas } from "./canvas.ts";
import { NoiseField } from "./noise.ts";

type Rgb = readonly [number, number, number];

/** Optical density of red, green and blue per amount of hematoxylin and of eosin (Ruifrok & Johnston 2001). */
const RUIFROK: { hematoxylin: Rgb; eosin: Rgb } = { hematoxylin: [0.65, 0.704, 0.286], eosin: [0.072, 0.99, 0.105] };
/** The same for a slide with warmer colours (reference matrix of Macenko et al. 2009). */
const MACENKO: { hematoxylin: Rgb; eosin: Rgb } = {
  hematoxylin: [0.5626, 0.7201, 0.4062],
  eosin: [0.2159, 0.8012, 0.5581],
};

/**
 * The appearance of one laboratory's slides. Optical density = hematoxylin amount x its vector + eosin amount x its
 * vector.
 */
export interface Stain {
  /** Unit vector of optical density (red, green, blue). */
  hematoxylin: Rgb;
  /** Unit vector of optical density (red, green, blue). */
  eosin: Rgb;
  hematoxylinStrength: number;
  eosinStrength: number;
  /** RGB of bare glass, 0-255. */
  glass: Rgb;
}

/**
 * Draws the appearance of a case. The hue lies between the two published ones; strengths and brightness are random.
 */
export function drawStain(random: RandomStream): Stain {
  const warmth = random.uniform(0.4, 0.9);
  const glass = random.uniform(236, 249);
  return {
    hematoxylin: between(RUIFROK.hematoxylin, MACENKO.hematoxylin, warmth + random.normal(0, 0.08)),
    eosin: between(RUIFROK.eosin, MACENKO.eosin, warmth + random.normal(0, 0.08)),
    hematoxylinStrength: random.uniform(0.7, 1.15),
    eosinStrength: random.uniform(0.7, 1.15),
    glass: [glass + random.normal(0, 1), glass + random.normal(0, 1), glass + random.normal(0, 1)],
  };
}

/** A unit vector between `one` (share 0) and `other` (share 1). */
function between(one: Rgb, other: Rgb, share: number): Rgb {
  const mixed = one.map((value, channel) => Math.max(0.02, value + (other[channel]! - value) * share));
  const length = Math.hypot(...mixed);
  return [mixed[0]! / length, mixed[1]! / length, mixed[2]! / length];
}

/** Returns the RGB bytes of a canvas, with a slowly varying section thickness and camera grain. */
export function developStain(canvas: Canvas, stain: Stain, random: RandomStream): Uint8Array {
  const { width, height } = canvas;
  const thickness = new NoiseField(random, 350);
  const grain = random.bytes(GRAIN_PERIOD);
  const rgb = new Uint8Array(width * height * 3);
  for (let index = 0, byte = 0; index < width * height; index++) {
    const thick = 1 + 0.2 * thickness.at(index % width, Math.floor(index / width));
    const hematoxylin = -Math.LN10 * canvas.hematoxylin[index]! * stain.hematoxylinStrength * thick;
    const eosin = -Math.LN10 * canvas.eosin[index]! * stain.eosinStrength * thick;
    for (let channel = 0; channel < 3; channel++, byte++) {
      const density = hematoxylin * stain.hematoxylin[channel]! + eosin * stain.eosin[channel]!;
      const noise = (grain[byte % GRAIN_PERIOD]! - 127.5) * GRAIN_AMPLITUDE;
      rgb[byte] = Math.max(0, Math.min(255, Math.round(stain.glass[channel]! * Math.exp(density) + noise)));
    }
  }
  return rgb;
}

/** A prime, so that the grain does not align between rows. */
const GRAIN_PERIOD = 99_991;
/** Grey levels per step of the random byte: at most 2 up or down. */
const GRAIN_AMPLITUDE = 2 / 127.5;
