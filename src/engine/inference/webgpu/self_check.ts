/** Whether a device computes what our kernels do, shown on patches before any answer of it is used. */
import type { Forward } from "../forward.ts";
import type { GpuForward } from "./gpu_forward.ts";

/** The number of different patches. If a batch holds more, they are repeated. */
const PATCHES = 16;
/** The largest allowed difference of a probability. */
const LARGEST_DIFFERENCE = 1e-5;
/** The same for the log odds, per unit. Probabilities near 0 and 1 hide differences, log odds do not. */
const LARGEST_LOGIT_DIFFERENCE = 1e-4;

/**
 * @param side pixels per side of the patches
 * @throws Error if an answer differs by more than is allowed, or the device fails
 */
export async function requireSameAnswers(onDevice: GpuForward, onCpu: Forward, side: number): Promise<void> {
  const patches = Array.from({ length: PATCHES }, (_, index) => seededPatch(side, index + 1));
  const expected = patches.map(onCpu);
  const count = Math.max(PATCHES, onDevice.imagesPerBatch);
  const answers = await onDevice.classify(Array.from({ length: count }, (_, at) => patches[at % PATCHES]!));
  for (const [at, { probability, logit }] of answers.entries()) {
    const wanted = expected[at % PATCHES]!;
    const difference = Math.abs(probability - wanted.probability);
    const logitDifference = Math.abs(logit - wanted.logit) / Math.max(1, Math.abs(wanted.logit));
    // Written so that NaN is refused.
    if (difference <= LARGEST_DIFFERENCE && logitDifference <= LARGEST_LOGIT_DIFFERENCE) continue;
    throw new Error(
      `a probability of the self-check is ${probability} (log odds ${logit}) instead of ${wanted.probability} ` +
        `(${wanted.logit})`,
    );
  }
}

/** A patch with the colours of stained tissue: spots of several sizes, and noise. Uint8 RGB [side][side][3]. */
export function seededPatch(side: number, seed: number): Uint8Array {
  const next = numbersFrom(seed);
  const [period, dark, noise] = [4 + next() * 12, next() * 120, next() * 60];
  const [pink, purple] = [
    [230, 180, 210],
    [110, 70, 150],
  ] as const;
  return Uint8Array.from({ length: side * side * 3 }, (_, at) => {
    const [row, column, channel] = [Math.floor(at / 3 / side), Math.floor(at / 3) % side, at % 3];
    const spot = (1 + Math.sin((row * 2 * Math.PI) / period) * Math.cos((column * 2 * Math.PI) / period)) / 2;
    const colour = pink[channel]! + (purple[channel]! - pink[channel]!) * spot;
    return Math.min(255, Math.max(0, colour - dark * spot + noise * (next() - 0.5)));
  });
}

/** Numbers from 0 to below 1, always the same for a seed (Mulberry32 by Tommy Ettinger, public domain). */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
