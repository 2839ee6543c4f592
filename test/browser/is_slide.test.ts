/** Which files the exported page scores as slides. */
import assert from "node:assert/strict";
import { test } from "node:test";
import sharp from "sharp";
import { isSlide, isSlideName } from "../../src/app/page/is_slide.ts";
import { SLIDE_EXTENSIONS } from "../../src/histology/slide/open.ts";

const SIDE = 50;

async function fileOf(width: number, height: number, kind: "png" | "jpeg" | "webp" | "tiff"): Promise<File> {
  const picture = sharp({ create: { width, height, channels: 3, background: "#a7b" } });
  return new File([new Uint8Array(await picture.toFormat(kind).toBuffer())], "image");
}

test("pictures that are wider and higher than four patches, and every TIFF", async () => {
  for (const kind of ["png", "jpeg", "webp"] as const) {
    assert.equal(await isSlide(await fileOf(201, 201, kind), SIDE), true, kind);
    assert.equal(await isSlide(await fileOf(200, 900, kind), SIDE), false, kind);
    assert.equal(await isSlide(await fileOf(201, 201, kind), 2 * SIDE), false, kind);
  }
  assert.equal(await isSlide(await fileOf(50, 50, "tiff"), SIDE), true);
});

test("a picture that is cut off behind its size, and one before it", async () => {
  const picture = await fileOf(300, 300, "png");
  assert.equal(await isSlide(new File([picture.slice(0, 40)], "cut.png"), SIDE), true);
  assert.equal(await isSlide(new File([picture.slice(0, 12)], "cut.png"), SIDE), false);
});

test("no picture: by its name, which every format of the command line has", async () => {
  assert.equal(await isSlide(new File(["text"], "notes.txt"), SIDE), false);
  const names = SLIDE_EXTENSIONS.filter((extension) => !/png|jpe?g|webp/.test(extension));
  for (const extension of names) {
    assert.ok(isSlideName(`A${extension.toUpperCase()}`), extension);
    assert.equal(await isSlide(new File(["text"], `a${extension}`), SIDE), true, extension);
  }
});
