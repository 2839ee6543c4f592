/** Fuzzing of slides of scanners and DICOM: levels whose pixels can be read, or one sentence, whatever happened to the file. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { openSlide } from "../../src/histology/slide/open.ts";
import { readGolden } from "../golden/reference.ts";
import { useFolder } from "../support/folder.ts";
import { damaged, damages, orRefused, runs } from "./runs.ts";

const at = useFolder("fuzz slides");
const scanners = readGolden<{ slides: { file: string }[] }>("scanners").slides.map(({ file }) => file);
const dicom = readGolden<{ slides: { files: string[] }[] }>("dicom").slides.map(({ files }) => files[0]!);
const files = [...scanners, ...dicom].map((file) => Buffer.from(file, "base64"));

async function readSome(path: string): Promise<void> {
  const slide = await openSlide(path);
  try {
    for (const [level, { width, height, downsample }] of slide.levels.entries()) {
      assert.ok(width > 0 && height > 0 && downsample >= 1, `${width} x ${height}, ${downsample}`);
      const region = { x: -1, y: 0, width: 40, height: 40 };
      const { data } = await slide.readRegion(level, region);
      assert.equal(data.length, 3 * 40 * 40);
    }
    const { micronsPerPixel } = slide;
    assert.ok(micronsPerPixel === undefined || (micronsPerPixel >= 0.05 && micronsPerPixel <= 10));
  } finally {
    await slide.close();
  }
}

test("a damaged slide is read or refused", async () => {
  const path = at("slide");
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...files), damages, async (whole, list) => {
      writeFileSync(path, damaged(whole, list));
      await orRefused(() => readSome(path));
    }),
    runs(200),
  );
});
