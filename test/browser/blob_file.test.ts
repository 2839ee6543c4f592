/** A slide in a Blob: only the tiles that a region touches are read, and their pixels are those of the file. */
import assert from "node:assert/strict";
import { openAsBlob, writeFileSync } from "node:fs";
import { test } from "node:test";
import { BlobSlideFile } from "../../src/browser/slides/blob_file.ts";
import { FILE_FORMATS, openSlideFile } from "../../src/histology/slide/formats.ts";
import { NODE_CODECS } from "../../src/histology/slide/node/codecs.ts";
import { openSlide } from "../../src/histology/slide/open.ts";
import { smoothPicture, tilesOf } from "../histology/slide/support/pictures.ts";
import { tiffFile, tiledPicture } from "../histology/slide/support/tiff_file.ts";
import { useFolder } from "../support/folder.ts";
import { refused } from "../support/refused.ts";

const at = useFolder("blob");
const SIDE = 1000;
const TILE = 50;
const REGION = { x: 333, y: 444, width: 120, height: 90 };

/** A Blob that counts the bytes of its parts. */
function counted(blob: Blob): { blob: Blob; read: () => number } {
  let bytes = 0;
  const slice = (from?: number, to?: number): Blob => {
    const part = blob.slice(from, to);
    bytes += part.size;
    return part;
  };
  return { blob: { size: blob.size, slice } as Blob, read: () => bytes };
}

test("a region needs the directory and its own tiles", async () => {
  const picture = smoothPicture(SIDE, SIDE);
  writeFileSync(
    at("a.tif"),
    tiffFile([tiledPicture({ width: SIDE, height: SIDE, tile: TILE, tiles: tilesOf(picture, TILE) })]),
  );
  const { blob, read } = counted(await openAsBlob(at("a.tif")));
  const slide = await openSlideFile(await BlobSlideFile.open(blob, "a.tif"), FILE_FORMATS, NODE_CODECS);
  const opened = read();
  assert.ok(opened < 100_000, `${opened} bytes to open it`);
  const known = await openSlide(at("a.tif"));
  assert.deepEqual(await slide.readRegion(0, REGION), await known.readRegion(0, REGION));
  await known.close();
  // The region touches 4 x 3 tiles.
  assert.equal(read() - opened, 4 * 3 * TILE * TILE * 3);
});

test("a file that is cut off, and one that can no longer be read", async () => {
  const file = await BlobSlideFile.open(new Blob(["abc"]), "short.tif");
  assert.equal(Buffer.from(await file.readAtMost(1, 10)).toString(), "bc");
  await assert.rejects(file.read(1, 10), refused("slide-damaged", /^short\.tif ends before byte 11/));
  const gone = { size: 3, slice: () => ({ arrayBuffer: () => Promise.reject(new Error("gone")) }) };
  await assert.rejects(
    BlobSlideFile.open(gone as unknown as Blob, "gone.tif"),
    refused("slide-missing", /^gone\.tif can no longer be read \(gone\): it was changed or moved; choose it again\.$/),
  );
});
