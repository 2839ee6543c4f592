/** Smooth random fields over the plane, fast enough for every pixel. The callers decide what they mean. */
import type { RandomStream } from "../../system/random.ts";

const LATTICE = 256;
const MASK = LATTICE - 1;

/** Value noise: random values on a 256 x 256 lattice, smoothly interpolated. It repeats after 256 wavelengths. */
export class NoiseField {
  readonly #values: Float32Array;
  readonly #frequency: number;

  /** @param wavelengthPixels the distance between lattice points: about the size of a blob. */
  constructor(random: RandomStream, wavelengthPixels: number) {
    this.#values = new Float32Array(random.bytes(LATTICE * LATTICE));
    for (let index = 0; index < this.#values.length; index++) this.#values[index] = this.#values[index]! / 127.5 - 1;
    this.#frequency = 1 / wavelengthPixels;
  }

  /** The value at a point, in [-1, 1], with mean about 0. */
  at(x: number, y: number): number {
    const u = x * this.#frequency;
    const v = y * this.#frequency;
    const column = Math.floor(u);
    const row = Math.floor(v);
    const across = smooth(u - column);
    const down = smooth(v - row);
    const left = column & MASK;
    const right = (column + 1) & MASK;
    const top = (row & MASK) * LATTICE;
    const bottom = ((row + 1) & MASK) * LATTICE;
    const values = this.#values;
    const above = values[top + left]! + (values[top + right]! - values[top + left]!) * across;
    const below = values[bottom + left]! + (values[bottom + right]! - values[bottom + left]!) * across;
    return above + (below - above) * down;
  }
}

/** The smoothstep polynomial 3t^2 - 2t^3 of t in [0, 1]. */
function smooth(t: number): number {
  return t * t * (3 - 2 * t);
}
