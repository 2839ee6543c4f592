/** The arithmetic of the table of growth, and the material that is measured: no command is run here. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { coreUseOf, coreUseText } from "../../bench/core_use.ts";
import { gpuAbsence } from "../../bench/gpu.ts";
import { makeArchive } from "../../scripts/scale/material.ts";
import { exponentAboveStart, type Outcome, scaleTable, slope, timeText } from "../../scripts/scale/table.ts";
import { VERBS } from "../../scripts/scale/verbs.ts";
import { readPlace } from "../../src/histology/dataset/file_place.ts";
import { openSource } from "../../src/histology/dataset/open_source.ts";
import { decodeImage } from "../../src/histology/image/decode.ts";
import { temporaryFolder } from "../support/folder.ts";

const SIZES = [1e3, 1e4, 1e5, 1e6];
const pointsOf = (value: (size: number) => number) => SIZES.map((size) => [size, value(size)] as const);

test("a fixed cost and a cost per patch are growth by the power 1; a square is found; memory is not corrected", () => {
  const linear = exponentAboveStart(pointsOf((size) => 0.7 + size / 3000))!;
  assert.ok(Math.abs(linear - 1) < 1e-9, `${linear}`);
  const square = exponentAboveStart(pointsOf((size) => 0.7 + (size / 3000) ** 2))!;
  assert.ok(square > 1.95 && square < 2.01, `${square}`);
  assert.equal(slope(pointsOf(() => 200)), 0);
  assert.ok(Math.abs(slope(pointsOf((size) => size))! - 1) < 1e-9);
  assert.equal(exponentAboveStart([[1e3, 1]]), undefined);
  assert.equal(exponentAboveStart(pointsOf(() => 1)), undefined);
});

test("the table has a column per size, and says why a number is missing", () => {
  const cost = (seconds: number, megabytes: number) => ({ seconds, megabytes, processorSeconds: 0 });
  const outcomes = new Map<number, Outcome>([
    [1e3, cost(1, 100)],
    [1e4, cost(10, 110)],
    [1e5, { missing: "not run (about 1.7 min)" }],
  ]);
  assert.deepEqual(scaleTable([{ name: "prepare", outcomes }]), [
    "|  | 10<sup>3</sup> | 10<sup>4</sup> | 10<sup>5</sup> | time | memory | memory per patch |",
    "| --- | --: | --: | --: | --: | --: | --: |",
    "| prepare | 1.0 s, 100 MB | 10 s, 110 MB | not run (about 1.7 min) | n<sup>1.00</sup> | n<sup>0.04</sup> | 1.11 kB |",
  ]);
  assert.deepEqual([0.42, 42, 100, 7200].map(timeText), ["0.4 s", "42 s", "1.7 min", "2.0 h"]);
});

test("every row comes after the rows that it needs", () => {
  const names = VERBS.map(({ name }) => name);
  for (const [place, { after = [] }] of VERBS.entries()) {
    for (const name of after) assert.ok(names.slice(0, place).includes(name), name);
  }
});

test("the archive has as many patches as asked for, of twenty cases and both classes; their pictures differ", async (t) => {
  const path = join(await temporaryFolder(t), "archive.zip");
  await makeArchive(path, 400);
  const source = await openSource(path);
  t.after(() => source.close());
  const paths = [...source.paths].sort();
  assert.equal(paths.length, 400);
  assert.equal(new Set(paths.map((one) => one.split("/")[0])).size, 20);
  assert.equal(paths.filter((one) => one.endsWith("class1.png")).length, 160);
  // The thirteenth patch of the first case, whose rows have five.
  const [first] = paths;
  assert.equal(first, "10000/0/10000_idx5_x101_y101_class0.png");
  const { width, height, data } = await decodeImage(readPlace(source.locate(first!)), "a picture");
  assert.deepEqual([width, height], [50, 50]);
  const number = Array.from({ length: 32 }, (_, bit) => (data[bit]! & 1) * 2 ** bit).reduce((sum, one) => sum + one);
  assert.equal(number, 12);
  assert.ok(new Set(data).size > 50, "tissue has many colours");
});

test("the use of the cores counts this thread, and the sentence names what is work", async () => {
  const use = await coreUseOf(async () => {
    const end = performance.now() + 60;
    while (performance.now() < end);
  });
  assert.ok(use.seconds >= 0.06 && use.all >= 0 && use.all <= 1.5, JSON.stringify(use));
  const text = coreUseText({ seconds: 2, cores: 2, all: 0.96, threads: [0.98, 0.94], main: 0.98 }, 0.1);
  assert.match(text, /used 96 % of the time of 2 cores, by thread 98 %, 94 % of a core\./);
  assert.match(text, /waited in 5 % of the time, so that at most 95 % of its core's time was work/);
  const starved = coreUseText({ seconds: 2, cores: 2, all: 0.1, threads: [0.2], main: 0.2 }, 0);
  assert.match(starved, /at most 20 % of its core's time was work/);
});

test("a machine without the files of a driver has no GPU", () => {
  const none = { platform: "linux", has: () => false, list: () => [] } as const;
  assert.equal(gpuAbsence("webgpu", none), "no GPU on this machine");
  assert.equal(gpuAbsence("webgpu", { ...none, list: () => ["card0", "renderD128"] }), undefined);
  assert.equal(gpuAbsence("cuda", { ...none, list: () => ["renderD128"] }), "no NVIDIA GPU on this machine");
  assert.equal(gpuAbsence("cuda", { ...none, has: () => true }), undefined);
});

test("docs/scale.md has the marks between which the table is written", () => {
  const text = readFileSync(new URL("../../docs/scale.md", import.meta.url), "utf8");
  assert.match(text, /<!-- written by npm run scale -->\n[\s\S]*<!-- end of what npm run scale writes -->/);
});
