/** Packs more patches than are decoded without threads: the same records, sizes and refusals as in small parts. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { openSource } from "../../src/histology/dataset/open_source.ts";
import { packPatches } from "../../src/histology/dataset/pack.ts";
import { planDataset } from "../../src/histology/dataset/plan.ts";
import { RecordThreads } from "../../src/histology/dataset/record_threads.ts";
import { noise } from "../hostile/chunks.ts";
import { useFolder } from "../support/folder.ts";
import { pngOf } from "../support/png.ts";
import { zipFile } from "../support/zip.ts";

const at = useFolder("pack");
const COUNT = 2100;
const PART = 700;
const SIDE = 16;
const BYTES = 3 * SIDE * SIDE;
const NOISE = noise(SIDE + 1, SIDE + 1);

/** Every 50th is of 16 bits, every 70th damaged, every 90th of another size; the others are plain. */
function file(index: number): Buffer {
  const side = index % 90 === 0 ? SIDE + 1 : SIDE;
  const bitDepth = index % 50 === 0 ? 16 : 8;
  const samples = NOISE.subarray(0, 3 * side * side).map((value) => (value + index) % 256);
  const png = pngOf({ width: side, height: side, colourType: 2, bitDepth }, samples);
  return index % 70 === 0 ? png.subarray(0, png.length - 20) : png;
}

test("threads give the records, sizes and refusals of one thread", async (t) => {
  const files = Array.from({ length: COUNT }, (_, index) => {
    // The first 100 have no position, so that their digests decide whether they are copies.
    const name = index < 100 ? `${index}` : `9_idx5_x${index}_y1_class${index % 2}`;
    return { name: `${index < 100 ? 8 : 9}/${index % 2}/${name}.png`, bytes: file(index < 100 ? index >> 1 : index) };
  });
  writeFileSync(at("a.zip"), zipFile(files));
  const source = await openSource(at("a.zip"));
  t.after(() => source.close());
  const { candidates } = planDataset(source.paths);
  assert.equal(candidates.length, COUNT);
  const pack = async (name: string, chosen: typeof candidates) => {
    let done = 0;
    const onProgress = (count: number): void => {
      done = count;
    };
    const watch = { signal: new AbortController().signal, onProgress };
    const packed = await packPatches(
      source,
      chosen,
      { path: at(name), side: SIDE, threads: RecordThreads.startFor(chosen.length) },
      watch,
    );
    assert.equal(done, chosen.length);
    return { ...packed, records: readFileSync(at(name)) };
  };
  const whole = await pack("whole.bin", candidates);
  const parts: (typeof whole)[] = [];
  for (let start = 0; start < COUNT; start += PART) {
    parts.push(await pack(`${start}.bin`, candidates.slice(start, start + PART)));
  }
  const damaged = whole.rejections.filter(({ kind }) => kind === "damaged");
  assert.ok(damaged.length >= 28, `${damaged.length} damaged`);
  assert.ok(whole.rejections.length > damaged.length + 40, "copies are found");
  assert.equal(whole.records.length, whole.patches.length * BYTES);
  // Copies are in one part: the files without a position.
  const sorted = (all: typeof whole.rejections) => all.map((one) => JSON.stringify(one)).sort();
  assert.deepEqual(sorted(whole.rejections), sorted(parts.flatMap(({ rejections }) => rejections)));
  assert.deepEqual(
    whole.patches,
    parts.flatMap(({ patches }) => patches),
  );
  assert.ok(whole.records.equals(Buffer.concat(parts.map(({ records }) => records))));
  const plain = whole.patches.findIndex(({ candidate }) => candidate.id === "9_idx5_x101_y1_class1");
  const expected = NOISE.subarray(0, BYTES).map((value) => (value + 101) % 256);
  assert.ok(whole.records.subarray(plain * BYTES, (plain + 1) * BYTES).equals(Buffer.from(expected)));
});
