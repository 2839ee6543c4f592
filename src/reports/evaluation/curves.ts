/** Curves and counts in the few points that a drawing needs; the measures themselves are src/metrics' work. */
import { precisionRecallCurve, rocCurve } from "../../metrics/discrimination.ts";
import type { Tally } from "../../metrics/tally.ts";
import type { Point } from "../charts/point.ts";

/** A third of a pixel of a drawing of 300. */
const TOLERANCE = 0.001;

/** The ROC curve as [1 - specificity, sensitivity], thinned; empty if a class is absent. */
export function rocPoints(tally: Tally): Point[] {
  const curve = rocCurve(tally);
  if (!curve) return [];
  return thinned(Array.from(curve.falsePositiveRate, (rate, i) => [rate, curve.truePositiveRate[i]!]));
}

/** The precision-recall curve as [recall, precision], recall falling from 1 to 0, thinned; empty if no patch has IDC. */
export function precisionRecallPoints(tally: Tally): Point[] {
  const curve = precisionRecallCurve(tally);
  if (!curve) return [];
  return thinned(Array.from(curve.recall, (recall, i) => [recall, curve.precision[i]!]));
}

/**
 * The points without which a line would stray from the curve by more than the tolerance (Ramer 1972; Douglas & Peucker
 * 1973): both ends and the corners stay.
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

/** Patches of each class with a probability in [low, high); the last bin holds 1 too. */
export interface ScoreBin {
  readonly low: number;
  readonly high: number;
  readonly idc: number;
  readonly no_idc: number;
}

const SCORE_BINS = 25;

/** How the scores of each class are spread. */
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
