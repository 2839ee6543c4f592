/** The fast average of an overview against the general one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readScaled } from "../../../../src/histology/slide/resample.ts";
import { readForOverview } from "../../../../src/histology/slide/tiles/box_average.ts";
import { memorySlide } from "../support/memory_slide.ts";
import { smoothPicture, worst } from "../support/pictures.ts";

test("each whole factor gives the pixels of readScaled, also beyond the edges", async () => {
  const slide = memorySlide(smoothPicture(203, 97), { levels: 2 });
  for (const [scale, region] of [
    [1, { x: 3, y: 5, width: 40, height: 30 }],
    [3, { x: 2, y: 1, width: 30, height: 20 }],
    [8, { x: 0, y: 0, width: 26, height: 13 }],
    [8, { x: 0, y: 0, width: 28, height: 13 }],
    [16, { x: 10, y: 4, width: 4, height: 4 }],
  ] as const) {
    const [fast, general] = [await readForOverview(slide, scale, region), await readScaled(slide, scale, region)];
    assert.deepEqual([fast.width, fast.height], [general.width, general.height]);
    assert.ok(worst(fast, general) <= 1, `scale ${scale}: ${worst(fast, general)}`);
    const different = fast.data.filter((value, at) => value !== general.data[at]).length;
    assert.ok(different <= fast.data.length / 100, `scale ${scale}: ${different} differ`);
  }
});
