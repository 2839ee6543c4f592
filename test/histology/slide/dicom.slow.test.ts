/** A DICOM slide of 3 GB, in a sparse file: only its header and the frames that a region touches are read. */
import assert from "node:assert/strict";
import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { test } from "node:test";
import { openSlide } from "../../../src/histology/slide/open.ts";
import { readGolden } from "../../golden/reference.ts";
import { useFolder } from "../../support/folder.ts";

const inFolder = useFolder("dicom");
const TILE = 512;
const ACROSS = 64;
const FRAME_BYTES = 3 * TILE * TILE;

/** Everything of a small file up to its pixels, with other sizes. */
function header(): Buffer {
  const { slides } = readGolden<{ slides: { name: string; files: string[] }[] }>("dicom");
  let file = Buffer.from(slides.find(({ name }) => name === "uncompressed")!.files[0]!, "base64");
  const placeOf = (group: number, element: number): number => {
    const tag = Buffer.alloc(4);
    tag.writeUInt16LE(group, 0);
    tag.writeUInt16LE(element, 2);
    return file.indexOf(tag, 132);
  };
  for (const element of [0x10, 0x11]) file.writeUInt16LE(TILE, placeOf(0x28, element) + 8);
  for (const element of [0x06, 0x07]) file.writeUInt32LE(TILE * ACROSS, placeOf(0x48, element) + 8);
  const frames = placeOf(0x28, 0x08);
  const text = Buffer.from(String(ACROSS * ACROSS));
  const length = file.readUInt16LE(frames + 6);
  file.writeUInt16LE(text.length, frames + 6);
  file = Buffer.concat([file.subarray(0, frames + 8), text, file.subarray(frames + 8 + length)]);
  const pixels = placeOf(0x7fe0, 0x10);
  file.writeUInt32LE(ACROSS * ACROSS * FRAME_BYTES, pixels + 8);
  return file.subarray(0, pixels + 12);
}

test("a slide of 3 GB is read in parts", async () => {
  const path = inFolder("large.dcm");
  const start = header();
  const handle = openSync(path, "w");
  writeSync(handle, start);
  ftruncateSync(handle, start.length + ACROSS * ACROSS * FRAME_BYTES);
  // Two frames beside each other: one with a pixel of its own, one that is all of one value.
  const [column, row] = [40, 60];
  const at = start.length + (row * ACROSS + column) * FRAME_BYTES;
  writeSync(handle, Buffer.from([1, 2, 3]), 0, 3, at + FRAME_BYTES - 3);
  writeSync(handle, Buffer.alloc(FRAME_BYTES, 77), 0, FRAME_BYTES, at + FRAME_BYTES);
  closeSync(handle);

  const slide = await openSlide(path);
  assert.deepEqual(slide.levels, [{ width: TILE * ACROSS, height: TILE * ACROSS, downsample: 1 }]);
  const region = { x: (column + 1) * TILE - 2, y: (row + 1) * TILE - 1, width: 3, height: 1 };
  assert.deepEqual([...(await slide.readRegion(0, region)).data], [0, 0, 0, 1, 2, 3, 77, 77, 77]);
  for (let i = 0; i < 40; i++) {
    const { data } = await slide.readRegion(0, { x: 700 * i, y: 300 * i, width: 1024, height: 1024 });
    assert.equal(data.length, 3 << 20);
  }
  const megabytes = process.memoryUsage().rss / 2 ** 20;
  assert.ok(megabytes < 700, `${megabytes} MB`);
  await slide.close();
});
