/** Slides in the layouts of scanners: the pixels are OpenSlide's, byte by byte (golden/scanners.py); what is not read is refused by name. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import type { Region } from "../../../src/histology/image/region.ts";
import { openSlide } from "../../../src/histology/slide/open.ts";
import { readGolden } from "../../golden/reference.ts";
import { useFolder } from "../../support/folder.ts";
import { type Refusal, refused } from "../../support/refused.ts";

interface Reference {
  readonly slides: readonly {
    readonly name: string;
    readonly micronsPerPixel: number | null;
    readonly levels: readonly {
      readonly width: number;
      readonly height: number;
      readonly downsample: number;
      readonly regions: readonly (Region & { readonly sha256: string })[];
    }[];
    /** In base64. */
    readonly file: string;
  }[];
}

const { slides } = readGolden<Reference>("scanners");
const at = useFolder("scanners");
function written(bytes: Uint8Array | string): string {
  const path = at("a slide.tif");
  writeFileSync(path, typeof bytes === "string" ? Buffer.from(bytes, "base64") : bytes);
  return path;
}

const UNREAD = "Ventana BIF with overlaps";

for (const { name, file, levels, micronsPerPixel } of slides.filter((slide) => slide.name !== UNREAD)) {
  test(`${name}: OpenSlide's levels, micrometres and pixels`, async () => {
    const slide = await openSlide(written(file));
    assert.ok(name.replace("Ventana TIFF", "Ventana BIF").startsWith(slide.format), slide.format);
    assert.ok(Math.abs(slide.micronsPerPixel! - micronsPerPixel!) < 1e-6, `${slide.micronsPerPixel} micrometres`);
    const sizes = slide.levels.map(({ width, height }) => [width, height]);
    assert.deepEqual(
      sizes,
      levels.map(({ width, height }) => [width, height]),
    );
    for (const [index, level] of levels.entries()) {
      assert.ok(Math.abs(slide.levels[index]!.downsample / level.downsample - 1) < 0.01);
      for (const { sha256, ...region } of level.regions) {
        const { data } = await slide.readRegion(index, region);
        const found = createHash("sha256").update(data).digest("hex");
        assert.equal(found, sha256, `level ${index}, ${JSON.stringify(region)}`);
      }
    }
    await slide.close();
  });
}

const fileOf = (name: string) => Buffer.from(slides.find((slide) => slide.name === name)!.file, "base64");

/** A file with other text in the place of some of the same length, every time. */
function changed(name: string, from: string, to: string): Buffer {
  const text = fileOf(name).toString("latin1");
  assert.ok(text.includes(from) && from.length === to.length, `${from} -> ${to}`);
  return Buffer.from(text.replaceAll(from, to), "latin1");
}

const refuses = (bytes: Buffer, refusal: Refusal) => assert.rejects(openSlide(written(bytes)), refusal);

test("what of these formats is not read is refused by name", async () => {
  await refuses(
    fileOf(UNREAD),
    refused(
      "slide-unsupported",
      /Ventana BIF slide whose tiles overlap, which is not read: convert.*vips tiffsave slide\.bif/,
    ),
  );
  const bif = "Ventana BIF without overlaps";
  await refuses(
    changed(bif, 'OriginX="0"', 'OriginX="9"'),
    refused("slide-unsupported", /of an area that is not the whole picture, which is not read/),
  );
  const leica = "Leica SCN, two areas";
  await refuses(
    changed(leica, "brightfield", "fluorescent"),
    refused("slide-unsupported", /Leica SCN slide of fluorescence, which is not read: export/),
  );
});

test("descriptions that contradict the file are refused", async () => {
  const philips = "Philips TIFF";
  await refuses(
    changed(philips, "WSI<", "XSI<"),
    refused("slide-damaged", /damaged Philips TIFF \(it describes 0 pictures of tissue, not one\)/),
  );
  await refuses(
    changed(philips, '"DICOM_PIXEL_SPACING"', '"DICOM_PIXEL_SPACINX"'),
    refused("slide-damaged", /3 levels and 0 pixel spacings/),
  );
  await refuses(changed(philips, "</Array>", "</Arraz>"), refused("slide-damaged", "XML"));
  await refuses(
    changed("Leica SCN", 'sizeX="70"', 'sizeX="71"'),
    refused("slide-damaged", /71 x 90 pixels that is not in its directory 1/),
  );
  await refuses(changed("Leica SCN", ' ifd="1"', ' ifd="9"'), refused("slide-damaged", "directory 9"));
  await refuses(
    changed("Leica SCN", "<view ", "<vieW "),
    refused("slide-damaged", /states no sizes|not the whole|no picture/),
  );
  await refuses(
    changed("Trestle", "OverlapsXY= 5 3", "OverlapsXY= 5 x"),
    refused("slide-damaged", /its tiles of 32 x 32 overlap by 5 x NaN/),
  );
  await refuses(
    changed("Trestle", "OverlapsXY= 5 3", "OverlapsXY= 32 3".slice(0, 15)),
    refused("slide-damaged", /overlap by 32 x/),
  );
  await refuses(
    changed("Ventana TIFF", "level=1", "level=3"),
    refused("slide-damaged", /a level is described as "level=3 mag=20/),
  );
});
