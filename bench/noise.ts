/**
 * How noisy the machine is during a run: a fixed computation is timed again and again between the turns. On a quiet
 * machine it always takes the same time.
 */
import { quantile } from "./quantile.ts";

/** About five milliseconds on a processor of 2024. */
const STEPS = 4_000_000;

/** The times of the computation, as multiples of the fastest one. */
export interface Noise {
  /** Half of the times are at most this. */
  readonly half: number;
  /** Nine of ten times are at most this. */
  readonly nineOfTen: number;
}

export class NoiseGauge {
  readonly #milliseconds: number[] = [];

  /** Runs the computation once. Its first runs, which include its compilation, count too: nine of ten times do not. */
  probe(): void {
    const start = performance.now();
    let value = 1;
    for (let step = 0; step < STEPS; step++) value = (value * 16_807 + step) % 2_147_483_647;
    // Without a use of the result, the loop could be left out.
    if (value < 0) throw new RangeError("The computation overflowed.");
    this.#milliseconds.push(performance.now() - start);
  }

  /** Undefined if the computation did not run. */
  noise(): Noise | undefined {
    return this.#milliseconds.length === 0 ? undefined : noiseOf(this.#milliseconds);
  }
}

/** @param times at least one */
export function noiseOf(times: readonly number[]): Noise {
  const fastest = Math.min(...times);
  return { half: quantile(times, 0.5) / fastest, nineOfTen: quantile(times, 0.9) / fastest };
}

export const noiseText = ({ half, nineOfTen }: Noise): string =>
  `Noise of the machine: a fixed computation between the turns took up to ${half.toFixed(2)} times its fastest in half of the ` +
  `repetitions, and up to ${nineOfTen.toFixed(2)} times in nine of ten.`;
