/** Maps over pictures, and rectangles out of them, pixel by pixel. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { diverging } from "../../src/histology/image/colour_map.ts";
import { cropImage } from "../../src/histology/image/crop.ts";
import { overlay } from "../../src/histology/image/overlay.ts";
import type { RgbImage } from "../../src/histology/image/rgb.ts";
import { RandomStream } from "../../src/system/random.ts";

const image: RgbImage = { width: 6, height: 4, data: Uint8Array.from(new RandomStream(1, "picture").bytes(6 * 4 * 3)) };
const pixel = ({ width, data }: RgbImage, x: number, y: number) => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];

test("a pixel is 65 % of its cell's colour and 35 % of its own brightness", () => {
  const map = { width: 3, height: 2, values: [0, 0.2, 0.4, 0.6, 0.8, 1] };
  const result = overlay(image, map, diverging);
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++) {
      const [red, green, blue] = pixel(image, x, y) as [number, number, number];
      const grey = 0.299 * red + 0.587 * green + 0.114 * blue;
      const colour = diverging(map.values[(y >> 1) * 3 + (x >> 1)]!);
      const expected = colour.map((value) => Math.round(0.65 * value + 0.35 * grey));
      assert.deepEqual(pixel(result, x, y), expected, `${x}, ${y}`);
    }
  }
});

test("a map with other sides than the picture still covers it to the edge", () => {
  const black = { width: 5, height: 3, data: new Uint8Array(5 * 3 * 3) };
  const colours = overlay(black, { width: 2, height: 2, values: [0, 1, 2, 3] }, (value) => [100 * value, 0, 0]);
  const reds = Array.from({ length: 15 }, (_, index) => colours.data[index * 3]);
  assert.deepEqual(reds, [0, 0, 0, 65, 65, 0, 0, 0, 65, 65, 130, 130, 130, 195, 195]);
});

test("a cropImage holds the region's pixels; one beyond the picture is refused", () => {
  const part = cropImage(image, { x: 2, y: 1, width: 3, height: 2 });
  assert.deepEqual([part.width, part.height, part.data.length], [3, 2, 18]);
  for (let y = 0; y < 2; y++) {
    for (let x = 0; x < 3; x++) assert.deepEqual(pixel(part, x, y), pixel(image, x + 2, y + 1));
  }
  assert.deepEqual(cropImage(image, { x: 0, y: 0, width: 6, height: 4 }), image);
  for (const [x, y] of [
    [-1, 0],
    [0, -1],
    [4, 0],
    [0, 3],
  ] as const) {
    assert.throws(() => cropImage(image, { x, y, width: 3, height: 2 }), RangeError);
  }
});
