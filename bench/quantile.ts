/** Quantiles of measured numbers. */

/** A quantile of the list, interpolated linearly between neighbouring values. */
export function quantile(list: readonly number[], share: number): number {
  if (list.length === 0) throw new RangeError("A quantile of nothing was asked for.");
  const sorted = [...list].sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return below + (above - below) * (place - Math.floor(place));
}

export const median = (list: readonly number[]): number => quantile(list, 0.5);
