/** Patches that are alike within their case, as those of a slide are: made for the tests of intervals. */
import { RandomStream } from "../../src/system/random.ts";

export interface ClusteredSample {
  labels: number[];
  probabilities: number[];
  cases: string[];
}

/** Each case has a share of IDC and a hardness of its own; scores are those of a fair, not quite calibrated model. */
export function clusteredSample({
  seed,
  cases,
  patchesPerCase,
}: {
  seed: number;
  cases: number;
  patchesPerCase: number;
}) {
  const stream = new RandomStream(seed, "clustered sample");
  const sample: ClusteredSample = { labels: [], probabilities: [], cases: [] };
  for (let index = 0; index < cases; index++) {
    const share = stream.uniform(0.05, 0.65);
    const shift = stream.normal(0, 1);
    for (let patch = 0; patch < patchesPerCase; patch++) {
      const label = Number(stream.uniform() < share);
      const logit = stream.normal(label === 1 ? 1.2 : -1.2, 1) + shift;
      sample.labels.push(label);
      sample.probabilities.push(1 / (1 + Math.exp(-logit)));
      sample.cases.push(String(8000 + index));
    }
  }
  return sample;
}

/** The patches at these places. */
export function picked(
  {
    labels,
    probabilities,
    cases,
  }: { labels: ArrayLike<number>; probabilities: ArrayLike<number>; cases: readonly string[] },
  places: readonly number[],
): ClusteredSample {
  return {
    labels: places.map((place) => labels[place]!),
    probabilities: places.map((place) => probabilities[place]!),
    cases: places.map((place) => cases[place]!),
  };
}
