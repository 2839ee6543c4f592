/** Files that are only a part of a slide, and slides of formats that are not read: refused by name, with a conversion. */

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import { openSlide, SLIDE_EXTENSIONS } from "../../../src/histology/slide/open.ts";
import { useFolder } from "../../support/folder.ts";
import { type Refusal, refused } from "../../support/refused.ts";
import { smoothPicture } from "./support/pictures.ts";
import { tiffFile, tiledPicture } from "./support/tiff_file.ts";

const at = useFolder("containers");
function written(name: string, bytes: Uint8Array | string): string {
  const path = at(name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

const refuses = (path: string, refusal: Refusal) => assert.rejects(openSlide(path), refusal);

const PICTURE = smoothPicture(64, 48);
const jpeg = await sharp(PICTURE.data, { raw: { width: 64, height: 48, channels: 3 } })
  .jpeg()
  .toBuffer();
const VIPS =
  "vips tiffsave slide\\.%s slide\\.tif --tile --pyramid --compression jpeg --Q 90 --background 255 --bigtiff\\.$";
const vips = (start: string, ending: string) => new RegExp(start + VIPS.replace("%s", ending));

test("a MIRAX slide's thumbnail is no slide, with or without its folder", async () => {
  const path = written("a slide.mrxs", jpeg);
  await refuses(
    path,
    refused(
      "slide-incomplete",
      vips("MIRAX slide whose folder .*a slide with Slidedat.ini is missing: copy.*", "mrxs"),
    ),
  );
  const list = "[GENERAL]\r\nSLIDE_ID = 4E3F\r\nIMAGENUMBER_X = 10\r\n";
  written("a slide/Slidedat.ini", list);
  await refuses(
    path,
    refused("slide-unsupported", vips("a slide\\.mrxs is a MIRAX slide, which is not read: convert.*", "mrxs")),
  );
  await refuses(at("a slide/Slidedat.ini"), refused("slide-unsupported", /is a MIRAX slide, which is not read/));
  await refuses(written("CAPITALS.MRXS", jpeg), refused("slide-incomplete", "CAPITALS"));
});

test("a Hamamatsu VMS slide is a list and pictures beside it, none of which is the slide", async () => {
  const list = written(
    "vms/x.vms",
    "[Virtual Microscope Specimen]\r\nNoLayers=1\r\nImageFile=x.jpg\r\nImageFile(1,0)=x(1,0).jpg\r\n",
  );
  await refuses(
    list,
    refused("slide-unsupported", vips("x\\.vms is a Hamamatsu VMS slide, which is not read: .*", "vms")),
  );
  await refuses(
    written("vms/x(1,0).jpg", jpeg),
    refused("slide-unsupported", /x\.vms is a Hamamatsu VMS slide of which .*x\(1,0\)\.jpg is a part/),
  );
  const slide = await openSlide(written("vms/another.jpg", jpeg));
  assert.equal(slide.format, "JPEG", "which the list does not name");
  await slide.close();
  await refuses(
    written("x.vmu", "[Uncompressed Virtual Microscope Specimen]\nImageFile=x.ngr\n"),
    refused("slide-unsupported", vips("Hamamatsu VMU slide, which is not read.*", "vmu")),
  );
});

test("other containers are known by what they begin with, whatever their name", async () => {
  const kinds: Record<string, string> = {
    "Zeiss CZI": "ZISRAWFILE\0\0\0\0\0\0",
    "Zeiss ZVI, Olympus OIB or Motic MDS": "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "Sakura SVSLIDE": "SQLite format 3\0",
    "Leica LIF": "p\0\0\0\x10\x20\0\0*",
    "Nikon ND2": "\xda\xce\xbe\x0a",
    "Olympus VSI": "SIS\0",
    "Philips iSyntax": '<?xml version="1.0"?>\n<DataObject ObjectType="DPUfsImport">',
    "Hamamatsu NDPIS": "[NanoZoomer Digital Pathology Image Set]\r\nNoImages=3\r\n",
  };
  for (const [name, start] of Object.entries(kinds)) {
    const bytes = Buffer.concat([Buffer.from(start, "latin1"), Buffer.alloc(500)]);
    await refuses(
      written("slide.tif", bytes),
      refused("slide-unsupported", new RegExp(`is a ${name}.* slide, which is not read: (convert|export)`)),
    );
  }
});

test("an Olympus VSI file is a TIFF of the overview alone, and known by its name", async () => {
  const overview = tiffFile([tiledPicture({ ...PICTURE, tile: 64, tiles: [Buffer.alloc(64 * 64 * 3)] })]);
  await refuses(
    written("slide.vsi", overview),
    refused("slide-unsupported", /Olympus VSI slide, which is not read: convert it to OME-TIFF.*bfconvert/),
  );
});

test("slides in folders are looked for by the endings of all formats, those that are refused by name too", () => {
  for (const ending of [".svs", ".tif", ".tiff", ".png", ".jpg", ".mrxs", ".czi", ".vsi"]) {
    assert.ok(SLIDE_EXTENSIONS.includes(ending), ending);
  }
  assert.ok(SLIDE_EXTENSIONS.every((ending) => /^\.[a-z0-9]+$/.test(ending)));
});

const cases = process.env.IDC_DATA && join(process.env.IDC_DATA, "cases");

test("a real thumbnail of a MIRAX slide is refused by name", async (t) => {
  if (!cases) return t.skip("IDC_DATA is not set");
  await refuses(join(cases, "thumbnail.mrxs"), refused("slide-incomplete"));
});
