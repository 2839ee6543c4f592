/** Files of other kinds are called by their names, and codecs' own words do not reach people. */
import assert from "node:assert/strict";
import { test } from "node:test";
import sharp from "sharp";
import { decodeImage } from "../../src/histology/image/decode.ts";
import { UserError } from "../../src/util/errors.ts";

const raw = sharp(Buffer.alloc(50 * 50 * 3, 7), { raw: { width: 50, height: 50, channels: 3 } });

/** What is said of a file, without its name and the remedy. */
async function said(bytes: Buffer, maxPixels?: number): Promise<string> {
  const error: unknown = await decodeImage(bytes, "a.png", maxPixels).catch((problem: unknown) => problem);
  assert.ok(error instanceof UserError, String(error));
  const [, why] = /^a\.png is not a readable picture \((.*)\): .+\.$/.exec(error.message) ?? assert.fail(error.message);
  return why!;
}

test("a sound file of another kind is called by its name", async () => {
  const bytes = (text: string) => Buffer.from(text, "latin1");
  const dicom = Buffer.concat([Buffer.alloc(128), bytes("DICM\x02\0\0\0")]);
  const rows: [Buffer, string][] = [
    [await raw.clone().gif().toBuffer(), "it is a GIF picture"],
    [await raw.clone().heif({ compression: "av1" }).toBuffer(), "it is an AVIF picture"],
    [bytes('<svg xmlns="http://www.w3.org/2000/svg"/>'), "it is an SVG drawing"],
    [bytes("%PDF-1.7\n"), "it is a PDF document"],
    [bytes("PK\x03\x04 and more"), "it is a zip archive"],
    [bytes("\0\0\0\x18ftypheic\0\0\0\0"), "it is a HEIC picture"],
    [bytes("BM\x36\0\0\0\0\0\0\0\x36\0"), "it is a BMP picture"],
    [bytes("\xff\x4f\xff\x51\0\x2f"), "it is a JPEG 2000 codestream"],
    [dicom, "it is a DICOM file"],
    [Buffer.alloc(0), "it is empty"],
    [bytes("hello"), "it does not begin as PNG, JPEG, TIFF or WebP does"],
  ];
  for (const [file, why] of rows) assert.equal(await said(file), why);
});

test("a damaged picture is said to be so in our words", async () => {
  const cut = (file: Buffer) => file.subarray(0, file.length - 20);
  const rows: [Buffer, string][] = [
    [cut(await raw.clone().png().toBuffer()), "it begins as PNG does, but is damaged or cut off"],
    [cut(await raw.clone().jpeg().toBuffer()), "it begins as JPEG does, but is damaged or cut off"],
    [cut(await raw.clone().webp().toBuffer()), "it begins as WebP does, but is damaged or cut off"],
    [Buffer.from("II*\0\x08\0\0\0"), "as a TIFF file it is damaged, or of a kind that is not read"],
  ];
  for (const [file, why] of rows) assert.equal(await said(file), why);
  assert.equal(await said(await raw.clone().png().toBuffer(), 100), "it has more than 100 pixels");
});
