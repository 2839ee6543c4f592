/** Opening a slide: what is read whatever its name, and a sentence for what is not. */

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import { openSlide } from "../../../src/histology/slide/open.ts";
import { useFolder } from "../../support/folder.ts";
import { type Refusal, refused } from "../../support/refused.ts";
import { cut, smoothPicture } from "./support/pictures.ts";

const at = useFolder("slide");
function written(name: string, bytes: Uint8Array | string): string {
  const path = at(name);
  writeFileSync(path, bytes);
  return path;
}

const PICTURE = smoothPicture(120, 90);
const raw = sharp(PICTURE.data, { raw: { width: 120, height: 90, channels: 3 } });

test("plain pictures are slides of one level, whatever they are called", async () => {
  const kinds = { PNG: raw.clone().png(), WebP: raw.clone().webp({ lossless: true }), JPEG: raw.clone().jpeg() };
  for (const [kind, packed] of Object.entries(kinds)) {
    const bytes = await packed.toBuffer();
    const slide = await openSlide(written(`${kind}.svs`, bytes));
    assert.deepEqual(slide.levels, [{ width: 120, height: 90, downsample: 1 }]);
    assert.equal(slide.format, kind);
    assert.equal(slide.micronsPerPixel, undefined);
    const picture = { ...PICTURE, data: await sharp(bytes).raw().toBuffer() };
    for (const region of [
      { x: 0, y: 0, width: 120, height: 90 },
      { x: -7, y: 80, width: 30, height: 30 },
    ]) {
      assert.deepEqual({ ...(await slide.readRegion(0, region)) }, cut(picture, region));
    }
    await slide.close();
  }
});

test("several regions at once are each as alone", async () => {
  const bytes = await raw
    .clone()
    .tiff({ compression: "deflate", tile: true, tileWidth: 16, tileHeight: 16 })
    .toBuffer();
  const slide = await openSlide(written("many.tif", bytes));
  const regions = Array.from({ length: 40 }, (_, i) => ({ x: 3 * i - 10, y: 2 * i - 10, width: 50, height: 40 }));
  const found = await Promise.all(regions.map((region) => slide.readRegion(0, region)));
  assert.deepEqual(
    found,
    regions.map((region) => cut(PICTURE, region)),
  );
  await slide.close();
});

test("what is no slide gets a sentence that says what is read", async () => {
  mkdirSync(at("folder"));
  const cases: [string, Refusal][] = [
    [at("none.svs"), refused("slide-missing", /none\.svs.*Aperio SVS, .* are read\.$/)],
    [at("folder"), refused("path-is-folder", /folder .* are read\.$/)],
    [written("empty.svs", ""), refused("slide-damaged", /empty\.svs is empty.* are read\.$/)],
    [written("text.svs", "slide"), refused("slide-unsupported", /text\.svs .* are read\.$/)],
    ["", refused("path-invalid")],
  ];
  for (const [path, refusal] of cases) await assert.rejects(openSlide(path), refusal);
});

test("a closed slide reads no more, and may be closed again", async () => {
  const bytes = await raw.clone().tiff({ compression: "deflate" }).toBuffer();
  const slide = await openSlide(written("closed.tif", bytes));
  await slide.close();
  await slide.close();
  await assert.rejects(slide.readRegion(0, { x: 0, y: 0, width: 1, height: 1 }));
});

const reference = process.env.IDC_DATA && join(process.env.IDC_DATA, "slides");

test("OpenSlide's damaged files are refused where OpenSlide refuses them", async (t) => {
  if (!reference) return t.skip("IDC_DATA is not set");
  await assert.rejects(
    openSlide(join(reference, "unopenable.tiff")),
    refused("slide-unsupported", "compression 52479"),
  );
  await assert.rejects(openSlide(join(reference, "broken.svs")), refused("slide-unsupported"));
  const slide = await openSlide(join(reference, "unreadable.svs"));
  const region = { x: 0, y: 0, width: 16, height: 16 };
  await assert.rejects(slide.readRegion(0, region), refused("slide-damaged", "Tile (0, 0)"));
  await slide.close();
});
