/** Slides at any scale: the level that is read, the pixels against a slow witness that samples each pixel finely, and what is conserved. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { RgbImage } from "../../../src/histology/image/rgb.ts";
import { levelFor, readScaled } from "../../../src/histology/slide/resample.ts";
import { RandomStream } from "../../../src/system/random.ts";
import { runs } from "../../fuzz/runs.ts";
import { memorySlide } from "./support/memory_slide.ts";
import { cut } from "./support/pictures.ts";

const noise = (width: number, height: number, seed = 1): RgbImage => ({
  width,
  height,
  data: Uint8Array.from(new RandomStream(seed, "noise").bytes(width * height * 3)),
});

test("the coarsest level with enough detail is read", () => {
  const levels = [1, 2, 4.0003, 16].map((downsample) => ({ width: 1, height: 1, downsample }));
  const slide = { levels: levels as never };
  for (const [scale, level] of [
    [0.5, 0],
    [1, 0],
    [1.9, 0],
    [2, 1],
    [3.9, 1],
    [4, 2],
    [15.9, 2],
    [16, 3],
    [64, 3],
  ] as const) {
    assert.equal(levelFor(slide, scale), level, String(scale));
  }
});

test("at a level's own scale its pixels come as they are, white beyond the slide", async () => {
  const image = noise(40, 30);
  const region = { x: -3, y: 25, width: 20, height: 12 };
  assert.deepEqual(await readScaled(memorySlide(image), 1, region), cut(image, region));
});

test("a whole factor gives the means of whole squares", async () => {
  const image = noise(30, 30);
  const scaled = await readScaled(memorySlide(image), 5, { x: 1, y: 2, width: 4, height: 3 });
  for (let y = 0; y < 3; y++) {
    for (let x = 0; x < 4; x++) {
      for (let channel = 0; channel < 3; channel++) {
        const square = cut(image, { x: (x + 1) * 5, y: (y + 2) * 5, width: 5, height: 5 });
        const values = [...square.data].filter((_, index) => index % 3 === channel);
        const mean = values.reduce((sum, value) => sum + value, 0) / 25;
        assert.equal(scaled.data[(y * 4 + x) * 3 + channel], Math.round(mean));
      }
    }
  }
});

/** The mean over a fine raster of points within the square that a pixel stands for. */
function sampled(image: RgbImage, scale: number, [x, y, channel]: readonly [number, number, number]): number {
  const points = 200;
  const span = Math.max(scale, 1);
  const along = (at: number) =>
    Array.from({ length: points }, (_, k) => Math.floor((at + 0.5) * scale - span / 2 + ((k + 0.5) / points) * span));
  const pixel = (column: number, row: number) =>
    column < 0 || row < 0 || column >= image.width || row >= image.height
      ? 255
      : image.data[(row * image.width + column) * 3 + channel]!;
  const rows = along(y);
  const columns = along(x);
  return (
    rows.reduce((sum, row) => sum + columns.reduce((line, column) => line + pixel(column, row), 0), 0) / points ** 2
  );
}

test("any scale gives the mean of what a pixel covers", async () => {
  const image = noise(23, 17);
  for (const scale of [0.4, 0.75, 1.3, 2.25, 3.7, 8.016]) {
    const region = { x: -1, y: 0, width: 5, height: 4 };
    const { data } = await readScaled(memorySlide(image), scale, region);
    for (let index = 0; index < data.length; index++) {
      const [channel, pixel] = [index % 3, Math.floor(index / 3)];
      const place = [region.x + (pixel % 5), region.y + Math.floor(pixel / 5), channel] as const;
      const difference = Math.abs(data[index]! - sampled(image, scale, place));
      assert.ok(difference < 2.5, `scale ${scale}, pixel ${pixel}: off by ${difference}`);
    }
  }
});

test("an even colour stays, and a region is the same whether read whole or in parts", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.double({ min: 0.3, max: 9, noNaN: true }),
      fc.integer({ min: 3, max: 20 }),
      fc.integer({ min: 1, max: 6 }),
      async (scale, x, height) => {
        const even = { width: 400, height: 300, data: new Uint8Array(400 * 300 * 3).fill(137) };
        const flat = await readScaled(memorySlide(even), scale, { x, y: 3, width: 7, height });
        assert.ok(flat.data.every((value) => value === 137));
        const slide = memorySlide(noise(300, 200));
        const whole = await readScaled(slide, scale, { x, y: 2, width: 9, height: height + 3 });
        const part = await readScaled(slide, scale, { x: x + 2, y: 5, width: 4, height });
        assert.deepEqual(part, cut(whole, { x: 2, y: 3, width: 4, height }));
      },
    ),
    runs(60),
  );
});

test("memory stays bounded where one pixel of a region covers much of a large level", async () => {
  const slide = memorySlide({ width: 4000, height: 4000, data: new Uint8Array(4000 * 4000 * 3).fill(99) });
  const { data } = await readScaled(slide, 400, { x: 0, y: 0, width: 10, height: 10 });
  assert.ok(data.every((value) => value === 99));
  assert.ok(slide.reads.every(({ region }) => region.width * region.height <= 1 << 25));
});
