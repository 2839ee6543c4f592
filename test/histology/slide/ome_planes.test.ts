/** OME-TIFF whose red, green and blue are pictures of their own: which descriptions are taken for RGB, and that the pixels and levels are right. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import type { RgbImage } from "../../../src/histology/image/rgb.ts";
import { rgbChannels } from "../../../src/histology/slide/ome_channels.ts";
import { readOme } from "../../../src/histology/slide/ome_xml.ts";
import { openSlide } from "../../../src/histology/slide/open.ts";
import { useFolder } from "../../support/folder.ts";
import { type Refusal, refused } from "../../support/refused.ts";
import { cut, everyNth, smoothPicture, tilesOf } from "./support/pictures.ts";
import { type Directory, type PicturePlan, tiffFile, tiledPicture } from "./support/tiff_file.ts";

const at = useFolder("planes");
async function opened(bytes: Buffer) {
  const path = at("slide.ome.tif");
  writeFileSync(path, bytes);
  return openSlide(path);
}

const PICTURE = smoothPicture(150, 100);
const HALF = everyNth(PICTURE, 2);

function greyPlane(image: RgbImage, sample: number, more: Partial<PicturePlan> = {}): Directory {
  const tiles = tilesOf(image, 64).map((tile) => deflateSync(tile.filter((_, i) => i % 3 === sample)));
  return tiledPicture({ ...image, tile: 64, tiles, compression: 8, photometric: 1, samples: 1, ...more });
}

const channel = (place: number, attributes: string) => `<Channel ID="Channel:0:${place}" ${attributes}/>`;
const [RED, GREEN, BLUE] = [-16_776_961, 16_711_935, 65_535];
const COLOURED = [RED, GREEN, BLUE].map((color, i) => channel(i, `Color="${color}" SamplesPerPixel="1"`));

const ome = (channels: readonly string[], data = '<TiffData IFD="0" PlaneCount="3"/>', more = "") =>
  `<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0"><Pixels ID="Pixels:0"
  DimensionOrder="XYCZT" Type="uint8" SizeX="150" SizeY="100" SizeC="3" SizeZ="1" SizeT="1" Interleaved="false" ${more}>${channels.join("")}${data}</Pixels></Image></OME>`;

/** The planes in an order of places in the chain: each with its smaller version as a sub-directory. */
function file(
  description: string,
  order: readonly number[] = [0, 1, 2],
  more: readonly Partial<PicturePlan>[] = [],
): Buffer {
  const planes = order.map((sample, place) =>
    greyPlane(PICTURE, sample, {
      ...(place === 0 ? { description } : {}),
      sub: [greyPlane(HALF, sample, { reduced: true })],
      ...more[place],
    }),
  );
  return tiffFile(planes);
}

const REGION = { x: -3, y: 60, width: 90, height: 50 };

async function assertPicture(bytes: Buffer): Promise<void> {
  const slide = await opened(bytes);
  assert.deepEqual(
    slide.levels.map(({ width, height }) => [width, height]),
    [
      [150, 100],
      [75, 50],
    ],
  );
  assert.deepEqual(await slide.readRegion(0, REGION), cut(PICTURE, REGION));
  assert.deepEqual(await slide.readRegion(1, REGION), cut(HALF, REGION));
  await slide.close();
}

test("three grey pictures and their sub-directories are one slide and its levels", async () => {
  await assertPicture(file(ome(COLOURED)));
});

test("names, colours and places say which is red, wherever it lies", async () => {
  const apart = [2, 0, 1].map((ifd, c) => `<TiffData IFD="${ifd}" FirstC="${c}"/>`).join("");
  // The chain has green, blue, red.
  await assertPicture(file(ome(COLOURED, apart), [1, 2, 0]));
  const named = ["Blue", "R", "green"].map((name, i) => channel(i, `Name="${name}"`));
  await assertPicture(file(ome(named), [2, 0, 1]));
  await assertPicture(file(ome(COLOURED, "")));
  await assertPicture(file(ome(COLOURED, "<TiffData/>")));
});

/** The places of red, green and blue. */
const places = (...attributes: string[]) =>
  rgbChannels(readOme(ome(attributes.map((one, i) => channel(i, one))))[0]!.channels);

test("the rule: names, or colours or transmitted light without names, and no fluorescence", () => {
  const colours = [RED, GREEN, BLUE].map((color) => `Color="${color}"`);
  const rows: [string[], readonly number[] | undefined][] = [
    [
      ['Name="Red"', 'Name="Green"', 'Name="Blue"'],
      [0, 1, 2],
    ],
    [
      ['Name="b"', 'Name="g"', 'Name="r"'],
      [2, 1, 0],
    ],
    [
      ['Color="65535"', `Color="${RED}"`, `Color="${GREEN}"`],
      [1, 2, 0],
    ],
    [
      ['Color="4278190335"', 'Color="16711935"', 'Color="65535"'],
      [0, 1, 2],
    ],
    [Array<string>(3).fill('IlluminationType="Transmitted"'), [0, 1, 2]],
    [Array<string>(3).fill('ContrastMethod="Brightfield"'), [0, 1, 2]],
    [["", "", ""], undefined],
    [['Name="TRITC"', 'Name="FITC"', 'Name="DAPI"'].map((name, i) => `${name} ${colours[i]}`), undefined],
    [['Name="Red"', 'Name="Green"', 'Name="DAPI"'], undefined],
    [['Name="Red"', 'Name="Red"', 'Name="Blue"'], undefined],
    [colours.map((color) => `${color} EmissionWavelength="520"`), undefined],
    [colours.map((color) => `${color} Fluor="Cy5"`), undefined],
    [colours.map((color) => `${color} SamplesPerPixel="3"`), undefined],
    [colours.slice(0, 2), undefined],
    [[...colours, ""], undefined],
  ];
  for (const [attributes, expected] of rows) assert.deepEqual(places(...attributes), expected, attributes.join(" | "));
});

test("what is not one slide in three pictures is refused", async () => {
  const refuses = (bytes: Buffer, refusal: Refusal) => assert.rejects(opened(bytes), refusal);
  const dyes = ["TRITC", "FITC", "DAPI"].map((name, i) => channel(i, `Name="${name}"`));
  await refuses(
    file(ome(dyes)),
    refused("slide-unsupported", /3 channels.*not named red, green and blue.*export it so/),
  );
  await refuses(
    file(ome(COLOURED), [0, 1, 2], [{}, {}, { photometric: 0 }]),
    refused("slide-unsupported", "differ in size or kind"),
  );
  await refuses(
    file(ome(COLOURED), [0, 1, 2], [{}, {}, { sub: [] }]),
    refused("slide-damaged", "another number of levels"),
  );
  await refuses(file(ome(COLOURED), [0, 1]), refused("slide-damaged", "directory 2"));
  await refuses(
    file(ome(COLOURED, '<TiffData IFD="0"/>')),
    refused("slide-damaged", /not in its directory of any number/),
  );
  await refuses(
    file(ome(COLOURED, '<TiffData IFD="0" PlaneCount="1e9"/>'), [0, 1]),
    refused("slide-damaged", "directory 2"),
  );
});

test("16 bits of which fewer are said to be significant are refused", async () => {
  const deep = (bits: number) => {
    const description = ome([channel(0, 'SamplesPerPixel="3"')], "<TiffData/>", `SignificantBits="${bits}"`);
    const tiles = tilesOf(PICTURE, 64).map((tile) =>
      deflateSync(Uint8Array.from([...tile].flatMap((value) => [0, value]))),
    );
    const more = [{ tag: 258, type: "short", values: [16, 16, 16] }] as const;
    return tiffFile([tiledPicture({ ...PICTURE, tile: 64, tiles, compression: 8, description, more })]);
  };
  const slide = await opened(deep(16));
  assert.deepEqual(await slide.readRegion(0, REGION), cut(PICTURE, REGION));
  await slide.close();
  await assert.rejects(
    opened(deep(12)),
    refused("slide-unsupported", /16 bits per sample, of which it says that none is above 4095/),
  );
});
