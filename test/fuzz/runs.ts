/** How often and with which seed the fuzzing runs: short in the test commands, as long as wanted by FUZZ_TIMES. */
import fc from "fast-check";
import { UserError } from "../../src/util/errors.ts";

/** Parameters of fast-check for a property that is tried `times` times in a short run. */
export function runs(times: number): { seed: number; numRuns: number } {
  const { FUZZ_SEED = "20260101", FUZZ_TIMES = "1" } = process.env;
  return { seed: Number(FUZZ_SEED), numRuns: Math.max(1, Math.round(times * Number(FUZZ_TIMES))) };
}

/** The value, or undefined if it was refused as a user's mistake; any other error is a fault. */
export async function orRefused<T>(run: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    if (!/^\S.*[.?]\)?$/.test(error.message)) throw new Error(`not a sentence: ${error.message}`);
    return undefined;
  }
}

/** A change of bytes: some are overwritten, a piece is cut out, put in or doubled. */
export interface Damage {
  readonly kind: "overwrite" | "cut" | "insert" | "double" | "end";
  /** Where, as a share of the length. */
  readonly place: number;
  readonly bytes: Uint8Array;
}

export const damages: fc.Arbitrary<Damage[]> = fc.array(
  fc.record({
    kind: fc.constantFrom("overwrite", "cut", "insert", "double", "end"),
    place: fc.double({ min: 0, max: 1, noNaN: true }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }),
  }),
  { minLength: 1, maxLength: 4 },
);

/** The bytes with the damages, one after the other. */
export function damaged(whole: Uint8Array, list: readonly Damage[]): Buffer {
  let bytes = Buffer.from(whole);
  for (const { kind, place, bytes: piece } of list) {
    const at = Math.floor(place * bytes.length);
    bytes = Buffer.concat([bytes.subarray(0, at), ...REST[kind](bytes.subarray(at), piece)]);
  }
  return bytes;
}

/** What stands behind the place of the damage. */
const REST: Record<Damage["kind"], (rest: Uint8Array, piece: Uint8Array) => Uint8Array[]> = {
  overwrite: (rest, piece) => [piece, rest.subarray(piece.length)],
  cut: (rest, piece) => [rest.subarray(piece.length)],
  insert: (rest, piece) => [piece, rest],
  double: (rest, piece) => [rest.subarray(0, piece.length), rest],
  end: () => [],
};
