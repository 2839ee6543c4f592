/** OME-TIFF with known pixels: which picture is the slide, its levels, how wide its pixels are, and what is refused. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, test } from "node:test";
import { openSlide } from "../../../src/histology/slide/open.ts";
import type { Slide } from "../../../src/histology/slide/slide.ts";
import { useFolder } from "../../support/folder.ts";
import { type Refusal, refused } from "../../support/refused.ts";
import { cut, everyNth, smoothPicture, tilesOf } from "./support/pictures.ts";
import { tiffFile, tiledPicture } from "./support/tiff_file.ts";

const at = useFolder("slide");
const open: Slide[] = [];
after(async () => {
  for (const slide of open) await slide.close();
});

async function opened(bytes: Buffer): Promise<Slide> {
  const path = at(`${open.length}.png`);
  writeFileSync(path, bytes);
  const slide = await openSlide(path);
  open.push(slide);
  return slide;
}

const PICTURE = smoothPicture(300, 200);
const HALF = everyNth(PICTURE, 2);
const LABEL = smoothPicture(90, 80);

const image = (
  attributes: string,
  ifd = 0,
) => `<Image ID="Image:${ifd}"><Pixels ID="Pixels:${ifd}" DimensionOrder="XYCZT" Type="uint8"
  SizeT="1" ${attributes}><Channel ID="Channel:${ifd}:0" SamplesPerPixel="3"/><TiffData IFD="${ifd}" PlaneCount="1"/></Pixels></Image>`;
const ome = (...images: string[]) => `<?xml version="1.0" encoding="UTF-8"?><!-- <Pixels SizeX="1"/> -->
<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">${images.join("\n")}</OME>`;
const RGB = 'SizeX="300" SizeY="200" SizeC="3" SizeZ="1"';
const SCALE = 'PhysicalSizeX="0.2501" PhysicalSizeXUnit="µm" PhysicalSizeY="0.25" PhysicalSizeYUnit="µm"';

/** A label, then the slide with a level as its sub-directory. */
function file(description: string, more: Partial<Parameters<typeof tiledPicture>[0]> = {}): Buffer {
  const half = tiledPicture({ ...HALF, tile: 64, tiles: tilesOf(HALF, 64), reduced: true });
  return tiffFile([
    tiledPicture({ ...LABEL, tile: 128, tiles: tilesOf(LABEL, 128), description }),
    tiledPicture({ ...PICTURE, tile: 64, tiles: tilesOf(PICTURE, 64), sub: [half], ...more }),
  ]);
}

const LABEL_IMAGE = image('SizeX="90" SizeY="80" SizeC="3" SizeZ="1"');

test("the largest image is the slide, its sub-directories are its levels", async () => {
  const slide = await opened(file(ome(LABEL_IMAGE, image(`${RGB} ${SCALE}`, 1))));
  assert.equal(slide.format, "OME-TIFF");
  assert.equal(slide.micronsPerPixel, 0.2501);
  assert.deepEqual(slide.levels, [
    { width: 300, height: 200, downsample: 1 },
    { width: 150, height: 100, downsample: 2 },
  ]);
  const region = { x: -3, y: 60, width: 200, height: 150 };
  assert.deepEqual(await slide.readRegion(0, region), cut(PICTURE, region));
  assert.deepEqual(await slide.readRegion(1, region), cut(HALF, region));
});

test("the pixel's width is read in each unit, and only where it can be a microscope's", async () => {
  const microns = async (scale: string) => (await opened(file(ome(image(`${RGB} ${scale}`, 1))))).micronsPerPixel;
  assert.equal(await microns('PhysicalSizeX="0.5"'), 0.5, "micrometres where no unit is stated");
  assert.equal(await microns('PhysicalSizeX="0.5" PhysicalSizeXUnit="&#181;m"'), 0.5);
  assert.equal(await microns('PhysicalSizeX="0.5" PhysicalSizeXUnit="\u03bcm"'), 0.5);
  assert.equal(
    await microns('PhysicalSizeX="250" PhysicalSizeXUnit="nm" PhysicalSizeY="0.00025" PhysicalSizeYUnit="mm"'),
    0.25,
  );
  assert.equal(await microns('PhysicalSizeX="1" PhysicalSizeXUnit="pixel"'), undefined);
  assert.equal(await microns('PhysicalSizeX="352.8"'), undefined);
  assert.equal(await microns('PhysicalSizeX="0.5" PhysicalSizeY="0.25"'), undefined);
  assert.equal(await microns('PhysicalSizeX="wide"'), undefined);
  assert.equal(await microns(""), undefined);
});

test("what is no RGB slide is refused, with the way out", async () => {
  const refuses = async (bytes: Buffer, refusal: Refusal) => assert.rejects(opened(bytes), refusal);
  const grey = tilesOf(PICTURE, 64).map((tile) => Buffer.from(tile.filter((_, i) => i % 3 === 0)));
  const channels = { tiles: grey, samples: 1, photometric: 1 };
  await refuses(
    file(ome(image('SizeX="300" SizeY="200" SizeC="5" SizeZ="1"', 1)), channels),
    refused("slide-unsupported", /5 channels.*export it so\./),
  );
  await refuses(
    file(ome(image('SizeX="300" SizeY="200" SizeC="3" SizeZ="7"', 1))),
    refused("slide-unsupported", /focal planes.*export one/),
  );
  await refuses(file(ome(image(RGB, 2))), refused("slide-damaged", "directory 2"));
  await refuses(file(ome(image(RGB, 0))), refused("slide-damaged", "directory 0"));
  await refuses(file(ome(image(RGB, -1))), refused("slide-damaged", "directory -1"));
  await refuses(file(ome()), refused("slide-damaged", "OME description"));
  await refuses(file(ome(image(RGB, 1)).replace("</Image>", "")), refused("slide-damaged", "OME description"));
  await refuses(file("<OME"), refused("slide-damaged", "OME description"));
  await refuses(file(`<OME>${"<a>".repeat(100_000)}`), refused("slide-damaged", "OME description"));
});
