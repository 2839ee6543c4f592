/** The TIFF of floats: read back by another library, to the bit, with its levels and its scale. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromArrayBuffer } from "geotiff";
import { stack } from "../../../src/histology/image/stack.ts";
import { encodeFloatTiff } from "../../../src/histology/slide/float_tiff.ts";
import { RandomStream } from "../../../src/system/random.ts";

const [width, height] = [600, 520];

async function levelsOf(bytes: Buffer) {
  const tiff = await fromArrayBuffer(Uint8Array.from(bytes).buffer);
  const levels = [];
  for (let index = 0; index < (await tiff.getImageCount()); index++) {
    const image = await tiff.getImage(index);
    const [values] = (await image.readRasters()) as unknown as [Float32Array];
    levels.push({ image, values, width: image.getWidth(), height: image.getHeight() });
  }
  return levels;
}

test("each number comes back to the bit, none stays none, and a further level is the mean of four", async () => {
  const random = new RandomStream(1, "map");
  const data = Float32Array.from({ length: width * height }, (_, index) =>
    index % 97 === 0 ? Number.NaN : random.uniform(0, 1),
  );
  const [first, second] = await levelsOf(await encodeFloatTiff({ width, height, data, pixelMicrons: 200 }));
  assert.ok(first!.image.isTiled);
  assert.deepEqual(first!.values, data);
  assert.deepEqual([second!.width, second!.height], [300, 260]);
  for (let index = 0; index < second!.values.length; index++) {
    const at = 2 * Math.floor(index / 300) * width + 2 * (index % 300);
    const mean = (data[at]! + data[at + 1]! + data[at + width]! + data[at + width + 1]!) / 4;
    const found = second!.values[index]!;
    assert.ok(Number.isNaN(mean) ? Number.isNaN(found) : Math.abs(found - mean) < 1e-6);
  }
});

test("the scale stands in the file, in pixels a centimetre", async () => {
  const data = new Float32Array(12).fill(0.5);
  const [known] = await levelsOf(await encodeFloatTiff({ width: 4, height: 3, data, pixelMicrons: 200 }));
  const tagOf = (tag: string) => known!.image.fileDirectory.loadValue(tag as never) as Promise<unknown>;
  const resolution = (await tagOf("XResolution")) as number[];
  assert.equal(await tagOf("ResolutionUnit"), 3);
  assert.equal(resolution[0]! / resolution[1]!, 50);
});

test("pictures below each other keep the first one's pixels in place", () => {
  const one = { width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
  const other = { width: 3, height: 1, data: Uint8Array.of(7, 7, 7, 8, 8, 8, 9, 9, 9) };
  assert.deepEqual(stack(one, other), {
    width: 3,
    height: 2,
    data: Uint8Array.of(1, 2, 3, 4, 5, 6, 255, 255, 255, 7, 7, 7, 8, 8, 8, 9, 9, 9),
  });
});
