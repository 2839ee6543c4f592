/** A number with its interval, as used in reports. */

/** A number and its interval; null if undefined. */
export interface Estimate {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}
