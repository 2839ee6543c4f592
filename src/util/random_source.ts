/** The interface of random number generators. system/random.ts implements it with seeded streams. */
export interface RandomSource {
  /** A number in [low, high); [0, 1) by default. */
  uniform(low?: number, high?: number): number;
  /** A whole number in [0, bound). */
  integer(bound: number): number;
  /** A number from a normal distribution; the standard normal distribution by default. */
  normal(mean?: number, standardDeviation?: number): number;
}
