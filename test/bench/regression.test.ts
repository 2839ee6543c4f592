/** The check against an earlier table, and the noise of the machine: from tables and times that are given. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { NoiseGauge, noiseOf, noiseText } from "../../bench/noise.ts";
import { bestRatios, fallsSince, ratiosIn, regressionLines } from "../../bench/regression.ts";
import { rowsOf, toMarkdown } from "../../bench/summary.ts";

const measured = (own: number, peers: readonly number[]) => [
  { name: "cancernet", own: true, versions: {}, speeds: [own] },
  { name: "cancernet, other engine", own: true, versions: {}, speeds: [own / 2] },
  ...peers.map((speed, place) => ({ name: `peer | ${place}`, own: false, versions: {}, speeds: [speed] })),
];
const CONDITIONS = {
  ...{ command: "npm run bench", date: "2026-01-02", machine: "a machine", threads: 2, patches: "none", versions: {} },
  load: { start: 0, end: 0 },
};

test("the ratios of a written table are those of its rows, to its two decimals", () => {
  const rows = [...rowsOf("step", measured(1000, [300, 200])), ...rowsOf("prediction", measured(90_000, [12, 3]))];
  const read = ratiosIn(toMarkdown(CONDITIONS, rows, ["**step**: a note | with a bar"]));
  assert.deepEqual(
    [...bestRatios(rows)],
    [
      ["step", 1000 / 300],
      ["prediction", 7500],
    ],
  );
  assert.deepEqual(
    [...read],
    [
      ["step", 3.33],
      ["prediction", 7500],
    ],
  );
});

test("the committed table has a best peer for each work but the slides", () => {
  const ratios = ratiosIn(readFileSync(new URL("../../bench/RESULTS.md", import.meta.url), "utf8"));
  assert.deepEqual([...ratios.keys()].slice(0, 3), [
    "training step, batch 32",
    "training step, batch 128",
    "prediction, batch 1",
  ]);
  assert.ok(ratios.size >= 9 && [...ratios.values()].every((ratio) => ratio > 0.1 && ratio < 100));
});

test("only a fall by more than a tenth counts, and only works in both tables are compared", () => {
  const before = new Map([
    ["a", 2],
    ["b", 2],
    ["gone", 9],
  ]);
  const now = new Map([
    ["a", 1.81],
    ["b", 1.79],
    ["new", 0.1],
  ]);
  const found = fallsSince(before, now);
  assert.deepEqual(found, { compared: 2, falls: [{ work: "b", before: 2, now: 1.79 }] });
  assert.deepEqual(regressionLines(found, "RESULTS.md"), [
    "Compared with RESULTS.md, 1 of 2 ratios to the best peer fell by more than 10 %:",
    "  b: 2.00 before, 1.79 now",
  ]);
  assert.deepEqual(fallsSince(before, before).falls, []);
  assert.match(regressionLines(fallsSince(before, new Map()), "RESULTS.md")[0]!, /nothing was compared/);
});

test("noise is relative to the fastest time", () => {
  assert.deepEqual(noiseOf([4, 2, 2, 2, 2, 2, 2, 2, 2, 2, 10]), { half: 1, nineOfTen: 2 });
  assert.equal(new NoiseGauge().noise(), undefined);
  const gauge = new NoiseGauge();
  for (let turn = 0; turn < 3; turn++) gauge.probe();
  const { half, nineOfTen } = gauge.noise()!;
  assert.ok(half >= 1 && nineOfTen >= half);
  assert.match(noiseText({ half: 1.02, nineOfTen: 1.5 }), /up to 1\.02 times its fastest in half .* up to 1\.50 times/);
});
