/**
 * Reduces curves and counts to the few points that a drawing needs. The metrics themselves are computed in src/metrics.
 */
import { precisionRecallCurve, rocCurve } from "../../metrics/discrimination.ts";
import type { Tally } from "../../metrics/tally.ts";
import type { Point } from "../charts/point.ts";

/** A third of a pixel in a drawing of 300 pixels. */
const TOLERANCE = 0.001;

/** The ROC curve as [1 - specificity, sensitivity], simplified; empty if there are no patches of a class. */
export function rocPoints(tally: Tally): Point[] {
  const curve = rocCurve(tally);
  if (!curve) return [];
  return thinned(Array.from(curve.falsePositiveRate, (rate, i) => [rate, curve.truePositiveRate[i]!]));
}

/**
 * The precision-recall curve as [recall, precision], simplified, with recall falling from 1 to 0; empty if there are no
 * positive patches.
 */
export function precisionRecallPoints(tally: Tally): Point[] {
  const curve = precisionRecallCurve(tally);
  if (!curve) return [];
  return thinned(Array.from(curve.recall, (recall, i) => [recall, curve.precision[i]!]));
}

/**
 * Simplifies a curve (Ramer 1972; Douglas & Peucker 1973). Keeps both ends and the corners, and drops points as long as
 * the line stays within the tolerance of the curve.
 */
export function thinned(points: readonly Point[], tolerance = TOLERANCE): Point[] {
  const kept = new Uint8Array(points.length);
  const spans: [number, number][] = points.length > 0 ? [[0, points.length - 1]] : [];
  for (let span = spans.pop(); span; span = spans.pop()) {
    const [first, last] = span;
    kept[first] = 1;
    kept[last] = 1;
    const { index, distance } = farthest(points, first, last);
    if (distance > tolerance) spans.push([first, index], [index, last]);
  }
  return points.filter((_, index) => kept[index]);
}

function farthest(points: readonly Point[], first: number, last: number): { index: number; distance: number } {
  let best = { index: first, distance: 0 };
  for (let index = first + 1; index < last; index++) {
    const distance = distanceToSegment(points[index]!, points[first]!, points[last]!);
    if (distance > best.distance) best = { index, distance };
  }
  return best;
}

function distanceToSegment([x, y]: Point, [fromX, fromY]: Point, [toX, toY]: Point): number {
  const [dx, dy] = [toX - fromX, toY - fromY];
  const squared = dx * dx + dy * dy;
  const along = squared === 0 ? 0 : ((x - fromX) * dx + (y - fromY) * dy) / squared;
  const place = Math.min(Math.max(along, 0), 1);
  return Math.hypot(x - fromX - place * dx, y - fromY - place * dy);
}

/**
 * The number of patches per class with a probability in [low, high); the last bin includes 1. `idc` counts the positive
 * class, `no_idc` the negative class.
 */
export interface ScoreBin {
  readonly low: number;
  readonly high: number;
  readonly idc: number;
  readonly no_idc: number;
}

const SCORE_BINS = 25;

/** A histogram of the scores per class. */
export function scoreBins({ scores, positives, negatives }: Tally, bins = SCORE_BINS): ScoreBin[] {
  const [idc, without] = [new Float64Array(bins), new Float64Array(bins)];
  for (let i = 0; i < scores.length; i++) {
    const bin = Math.min(Math.floor(scores[i]! * bins), bins - 1);
    idc[bin]! += positives[i]!;
    without[bin]! += negatives[i]!;
  }
  return Array.from(idc, (count, bin) => ({
    low: bin / bins,
    high: (bin + 1) / bins,
    idc: count,
    no_idc: without[bin]!,
  }));
}
