/** Slides in the layouts of scanners: the pixels are OpenSlide's, byte by byte (golden/scanners.py); what is not read is refused by name. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Region } from "../../../src/histology/image/region.ts";
import { openSlide } from "../../../src/histology/slide/open.ts";
import { readGolden } from "../../golden/reference.ts";

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
const folder = mkdtempSync(join(tmpdir(), "cancernet scanners "));
after(() => rmSync(folder, { recursive: true, force: true }));

function written(bytes: Uint8Array | string): string {
  const path = join(folder, "a slide.tif");
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

const refused = (bytes: Buffer, message: RegExp) =>
  assert.rejects(openSlide(written(bytes)), { name: "UserError", message }, String(message));

test("what of these formats is not read is refused by name", async () => {
  await refused(
    fileOf(UNREAD),
    /Ventana BIF slide whose tiles overlap, which is not read: convert.*vips tiffsave slide\.bif/,
  );
  const bif = "Ventana BIF without overlaps";
  await refused(
    changed(bif, 'OriginX="0"', 'OriginX="9"'),
    /of an area that is not the whole picture, which is not read/,
  );
  const leica = "Leica SCN, two areas";
  await refused(
    changed(leica, "brightfield", "fluorescent"),
    /Leica SCN slide of fluorescence, which is not read: export/,
  );
});

test("descriptions that contradict the file are refused", async () => {
  const philips = "Philips TIFF";
  await refused(
    changed(philips, "WSI<", "XSI<"),
    /damaged Philips TIFF \(it describes 0 pictures of tissue, not one\)/,
  );
  await refused(changed(philips, '"DICOM_PIXEL_SPACING"', '"DICOM_PIXEL_SPACINX"'), /3 levels and 0 pixel spacings/);
  await refused(changed(philips, "</Array>", "</Arraz>"), /its description is no XML/);
  await refused(changed("Leica SCN", 'sizeX="70"', 'sizeX="71"'), /71 x 90 pixels that is not in its directory 1/);
  await refused(changed("Leica SCN", ' ifd="1"', ' ifd="9"'), /not in its directory 9/);
  await refused(changed("Leica SCN", "<view ", "<vieW "), /states no sizes|not the whole|no picture/);
  await refused(changed("Trestle", "OverlapsXY= 5 3", "OverlapsXY= 5 x"), /its tiles of 32 x 32 overlap by 5 x NaN/);
  await refused(changed("Trestle", "OverlapsXY= 5 3", "OverlapsXY= 32 3".slice(0, 15)), /overlap by 32 x/);
  await refused(changed("Ventana TIFF", "level=1", "level=3"), /a level is described as "level=3 mag=20/);
});
