/**
 * Cases like a training's: numpy's distances, limit, chances and axes; and what must not change a distance: the order of
 * the cases and of their patches, and the units of the statistics.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type CaseMoments, distanceFrom, distributionOf, momentsOf } from "../../src/metrics/case_distribution.ts";
import {
  chanceOf,
  distancesLeftOut,
  expectedShare,
  FEWEST_CASES,
  referenceOf,
  UNLIKE_CHANCE,
} from "../../src/metrics/likeness.ts";
import { principalAxes } from "../../src/metrics/principal_axes.ts";
import { choleskyFactor, eigenOf, inverseOfLower } from "../../src/metrics/symmetric_matrix.ts";
import { RandomStream } from "../../src/system/random.ts";
import { atOnce } from "../../src/util/turns.ts";
import { assertNear, readGolden } from "../golden/reference.ts";

interface Golden {
  readonly training: number[][][];
  readonly others: number[][][];
  readonly center: number[];
  readonly distances: number[];
  readonly leftOut: number[];
  readonly limit: number;
  readonly chances: { beyond: number; judged: number; cases: number; chance: number }[];
  readonly axes: { rows: number[][]; axes: number[][] };
}

const golden = readGolden<Golden>("likeness");
const training = golden.training.map(momentsOf);
const others = golden.others.map(momentsOf);

test("numpy's center, distances, leave-one-out distances and limit", () => {
  const reference = referenceOf(training)!;
  for (const [place, value] of golden.center.entries()) assertNear(reference.center[place]!, value, 1e-10, "center");
  for (const [place, one] of others.entries()) {
    assertNear(distanceFrom(reference, one), golden.distances[place]!, 1e-8, `distance ${place}`);
  }
  for (const [place, distance] of distancesLeftOut(training)!.entries()) {
    assertNear(distance, golden.leftOut[place]!, 1e-8, `left out ${place}`);
  }
  assertNear(reference.limit, golden.limit, 1e-8, "limit");
});

test("the exact chances, and their properties: certain for none, smaller for more, the binomial for many cases", () => {
  for (const { beyond, judged, cases, chance } of golden.chances) {
    assertNear(chanceOf(beyond, judged, cases), chance, 1e-12, `${beyond} of ${judged}, ${cases}`);
  }
  for (const cases of [19, 82]) {
    const chances = Array.from({ length: 61 }, (_, beyond) => chanceOf(beyond, 60, cases));
    assert.equal(chances[0], 1);
    for (const [beyond, chance] of chances.entries()) if (beyond > 0) assert.ok(chance < chances[beyond - 1]!);
  }
  assertNear(chanceOf(1, 1, 19), 0.05, 1e-12, "one case");
  const binomial = 1 - 0.95 ** 20 - 20 * 0.05 * 0.95 ** 19;
  assertNear(chanceOf(2, 20, 1e7 - 1), binomial, 1e-5, "many cases");
});

test("the order of cases and patches, and units, change no distance", () => {
  const reference = referenceOf(training)!;
  const shuffled = new RandomStream(3, "cases").shuffle(Uint32Array.from(training.keys()));
  const reordered = Array.from(shuffled, (place) => momentsOf(golden.training[place]!.toReversed()));
  const again = referenceOf(reordered)!;
  // Other units: every statistic scaled, moved and mixed with the next one.
  const changed = (patches: number[][]) =>
    momentsOf(patches.map((row) => row.map((value, k) => 7 * value - 0.3 * row[(k + 1) % row.length]! + k)));
  const inUnits = referenceOf(golden.training.map(changed))!;
  assertNear(again.limit, reference.limit, 1e-9, "limit, shuffled");
  assertNear(inUnits.limit, reference.limit, 1e-6, "limit, other units");
  for (const [place, one] of others.entries()) {
    const distance = distanceFrom(reference, one);
    assertNear(distanceFrom(again, one), distance, 1e-9, "shuffled");
    assertNear(distanceFrom(inUnits, changed(golden.others[place]!)), distance, 1e-6, "other units");
  }
});

/** Cases of 2 to 40 patches of three statistics; the mean of a case has standard deviation `spread`. */
function drawn(random: RandomStream, count: number, { shift = 0, spread = 1 } = {}): CaseMoments[] {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
  return Array.from({ length: count }, () => {
    const center = [0, 1, 2].map(() => shift + spread * normal());
    const patches = Array.from({ length: 2 + random.integer(39) }, () => center.map((value) => value + normal()));
    return momentsOf(patches);
  });
}

test("at most 5 % of the training's own cases are beyond the limit, each compared with the others", () => {
  const random = new RandomStream(5, "own");
  for (const count of [FEWEST_CASES, 20, 39, 82]) {
    const cases = drawn(random, count);
    const { limit } = referenceOf(cases)!;
    const beyond = distancesLeftOut(cases)!.filter((distance) => distance > limit).length;
    assert.equal(beyond, Math.floor(0.05 * (count + 1) + 1e-9) - 1, String(count));
    assert.ok(expectedShare(count) <= 0.05 && expectedShare(count) > 0.05 - 1 / (count + 1));
  }
  assert.equal(referenceOf(drawn(random, FEWEST_CASES - 1)), undefined);
});

test("like cases are beyond it as often as expected and rarely called unlike; other cases are noticed", () => {
  const random = new RandomStream(11, "like");
  let [beyond, judged, unlike] = [0, 0, 0];
  const sets = 60;
  for (let set = 0; set < sets; set++) {
    const reference = referenceOf(drawn(random, 40))!;
    const farOf = (cases: CaseMoments[]) =>
      cases.filter((one) => distanceFrom(reference, one) > reference.limit).length;
    const found = farOf(drawn(random, 25));
    beyond += found;
    judged += 25;
    if (chanceOf(found, 25, 40) < UNLIKE_CHANCE) unlike++;
    assert.ok(chanceOf(farOf(drawn(random, 25, { shift: 6 })), 25, 40) < UNLIKE_CHANCE, "a shift");
    assert.ok(chanceOf(farOf(drawn(random, 25, { spread: 6 })), 25, 40) < UNLIKE_CHANCE, "a spread");
  }
  // The share of one set varies: its standard deviation is about .05, that of the mean of 60 sets .007.
  assertNear(beyond / judged, expectedShare(40), 0.02, "share");
  assert.ok(unlike <= 3, `${unlike} of ${sets}`);
});

test("a constant statistic, or single patches only, give no reference", () => {
  const constant = golden.training.map((patches) => momentsOf(patches.map(([first]) => [first!, 1])));
  assert.equal(distributionOf(constant), undefined);
  assert.equal(referenceOf(constant), undefined);
  assert.equal(referenceOf(golden.training.map(([first]) => momentsOf([first!]))), undefined);
});

test("numpy's principal axes; rows that vary in too few directions have none", () => {
  const { rows, axes } = golden.axes;
  const found = atOnce(principalAxes(Float32Array.from(rows.flat()), 12, 4))!;
  for (const [place, value] of axes.flat().entries()) assertNear(found[place]!, value, 1e-5, `axis ${place % 4}`);
  assert.equal(atOnce(principalAxes(new Float32Array(60).fill(2), 12, 4)), undefined);
});

test("matrices: a factor times its transpose, an inverse, eigenvectors", () => {
  const random = new RandomStream(7, "matrix");
  const root = Array.from({ length: 6 }, () => Array.from({ length: 6 }, () => random.uniform(-1, 1)));
  const product = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]) =>
    a.map((row) => b[0]!.map((_, k) => row.reduce((sum, value, i) => sum + value * b[i]![k]!, 0)));
  const transposed = (a: readonly (readonly number[])[]) => a[0]!.map((_, k) => a.map((row) => row[k]!));
  const symmetric = product(root, transposed(root));
  const assertSame = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]) => {
    for (const [i, row] of a.entries()) for (const [k, value] of row.entries()) assertNear(value, b[i]![k]!, 1e-9, "");
  };
  const factor = choleskyFactor(symmetric)!;
  assertSame(product(factor, transposed(factor)), symmetric);
  assertSame(
    product(inverseOfLower(factor), factor),
    root.map((_, i) => root.map((__, k) => Number(i === k))),
  );
  assert.equal(
    choleskyFactor([
      [1, 2],
      [2, 1],
    ]),
    undefined,
  );
  const { values, vectors } = eigenOf(symmetric);
  assertSame(
    product(symmetric, transposed(vectors)),
    transposed(vectors.map((row, k) => row.map((x) => x * values[k]!))),
  );
  assert.deepEqual(
    values,
    values.toSorted((a, b) => b - a),
  );
});
