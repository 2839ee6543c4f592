/** Plain samples of TIFF files have the same pixels by geotiff.js, as in a browser, as by libtiff (golden/tiff.py). */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import type { SlideCodecs } from "../../../src/histology/slide/codecs.ts";
import { FILE_FORMATS, openSlideFile } from "../../../src/histology/slide/formats.ts";
import { NODE_CODECS } from "../../../src/histology/slide/node/codecs.ts";
import { NodeSlideFile } from "../../../src/histology/slide/node/file.ts";
import { decodeSamples, samplesProblem } from "../../../src/histology/slide/tiff/samples.ts";
import { readGolden } from "../../golden/reference.ts";
import { useFolder } from "../../support/folder.ts";
import { refused } from "../../support/refused.ts";
import { tiffFile, tiledPicture } from "./support/tiff_file.ts";

interface Reference {
  readonly width: number;
  readonly height: number;
  readonly files: readonly { readonly name: string; readonly sha256: string; readonly file: string }[];
}

const at = useFolder("samples");
const CODECS: SlideCodecs = { ...NODE_CODECS, samples: decodeSamples, problemOf: samplesProblem };

async function opened(bytes: Uint8Array) {
  writeFileSync(at("one.tif"), bytes);
  return openSlideFile(await NodeSlideFile.open(at("one.tif")), FILE_FORMATS, CODECS);
}

const REFUSED = /associated|zstd/;

const { width, height, files } = readGolden<Reference>("tiff");

for (const { name, sha256, file } of files.filter(({ name }) => !/JPEG|WebP/.test(name))) {
  test(`${name}: the pixels of libtiff`, async () => {
    const opening = opened(Buffer.from(file, "base64"));
    if (REFUSED.test(name)) {
      await assert.rejects(
        opening,
        refused("slide-unsupported", /has (ExtraSamples 1|TIFF compression 50000) .*, which is not read here/),
      );
      return;
    }
    const slide = await opening;
    const { data } = await slide.readRegion(0, { x: 0, y: 0, width, height });
    await slide.close();
    assert.equal(createHash("sha256").update(data).digest("hex"), sha256);
  });
}

const DAMAGED: readonly (readonly [compression: number, tile: Buffer, message: RegExp])[] = [
  [5, Buffer.from([0, 1, 2, 3]), /LZW data are of the old kind/],
  [5, Buffer.from([0x80, 0x0b, 0x60]), /LZW data are damaged/],
  [8, Buffer.from("no deflate"), /deflate data are damaged/],
  [32773, Buffer.from([5, 1, 2]), /PackBits data are damaged/],
];

for (const [compression, tile, message] of DAMAGED) {
  test(`a damaged tile of compression ${compression} is refused: ${message.source}`, async () => {
    const plan = { width: 16, height: 16, tile: 16, compression, tiles: [tile] };
    const slide = await opened(tiffFile([tiledPicture(plan)]));
    await assert.rejects(slide.readRegion(0, { x: 0, y: 0, width: 16, height: 16 }), refused("slide-damaged", message));
    await slide.close();
  });
}
