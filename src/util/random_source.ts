/** What draws random numbers, wherever they come from; system/random.ts has the seeded streams. */
export interface RandomSource {
  /** A number in [low, high), 0 and 1 unless given. */
  uniform(low?: number, high?: number): number;
  /** A whole number in [0, bound). */
  integer(bound: number): number;
  /** A number from the normal distribution, the standard one unless given. */
  normal(mean?: number, standardDeviation?: number): number;
}
