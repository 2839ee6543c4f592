/** The statistics of patches: numpy's, and by hand; the patches that are sampled of cases do not depend on the rows' order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleCases } from "../../src/histology/dataset/sample_cases.ts";
import { PATCH_STATISTICS, patchStatistics } from "../../src/histology/image/patch_statistics.ts";
import { RandomStream } from "../../src/system/random.ts";
import { assertNear, readGolden } from "../golden/reference.ts";

const { patches } = readGolden<{ patches: { side: number; pixels: number[]; statistics: number[] }[] }>("likeness");

test("numpy's statistics of pictures", () => {
  for (const { side, pixels, statistics } of patches) {
    const found = patchStatistics(Uint8Array.from(pixels), side);
    for (const [place, value] of statistics.entries()) {
      assertNear(found[place]!, value, 1e-9, `${PATCH_STATISTICS[place]} of ${side}`);
    }
  }
});

test("white glass has no density, no spread and no detail; flips and turns change nothing but the edges' directions", () => {
  const white = patchStatistics(new Uint8Array(48).fill(255), 4);
  for (const [place, value] of white.entries()) assertNear(value, 0, 1e-7, PATCH_STATISTICS[place]!);
  const black = patchStatistics(new Uint8Array(48), 4);
  assert.deepEqual(
    black.slice(0, 3).map((value) => value.toFixed(6)),
    Array(3).fill(Math.log(256).toFixed(6)),
  );
  const { side, pixels, statistics } = patches[0]!;
  const transposed = Uint8Array.from(pixels, (_, at) => {
    const [row, column, channel] = [Math.floor(at / 3 / side), Math.floor(at / 3) % side, at % 3];
    return pixels[(column * side + row) * 3 + channel]!;
  });
  for (const [place, value] of patchStatistics(transposed, side).entries()) {
    assertNear(value, statistics[place]!, 1e-9, PATCH_STATISTICS[place]!);
  }
});

const rows = Array.from({ length: 90 }, (_, k) => ({ id: `p${k}`, caseId: k % 10 === 0 ? "" : `c${k % 3}` }));

test("patches are sampled evenly and named by case; those without a case are left out", () => {
  const all = Uint32Array.from(rows.keys());
  const sampled = sampleCases(rows, all, 5);
  assert.deepEqual([...sampled.keys()], ["c0", "c1", "c2"]);
  for (const [name, positions] of sampled) {
    assert.equal(new Set(positions).size, 5);
    assert.ok(positions.every((position) => rows[position]!.caseId === name));
  }
  const every = sampleCases(rows, all, 1000);
  assert.equal([...every.values()].flat().length, 81);
  assert.equal(
    sampleCases(
      rows.map(({ id }) => ({ id, caseId: "" })),
      all,
      5,
    ).size,
    0,
  );
});

test("the order of the rows changes no sample", () => {
  const order = new RandomStream(2, "rows").shuffle(Uint32Array.from(rows.keys()));
  const shuffled = Array.from(order, (row) => rows[row]!);
  const ids = (from: typeof rows) =>
    Array.from(sampleCases(from, Uint32Array.from(from.keys()), 7), ([name, positions]) => [
      name,
      positions.map((position) => from[position]!.id),
    ]);
  assert.deepEqual(ids(shuffled), ids(rows));
});
