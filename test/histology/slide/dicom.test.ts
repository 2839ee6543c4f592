/** DICOM slides of each coding and layout that is read: the pixels are those of pydicom and Pillow (golden/dicom.py). */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { oneFilePerSlide, openSlide } from "../../../src/histology/slide/open.ts";
import type { Slide } from "../../../src/histology/slide/slide.ts";
import { readGolden } from "../../golden/reference.ts";
import { useFolder } from "../../support/folder.ts";
import { type Refusal, refused } from "../../support/refused.ts";

interface Reference {
  readonly micronsPerPixel: number;
  readonly slides: readonly {
    readonly name: string;
    /** In base64; those of the tissue first. */
    readonly files: readonly string[];
    readonly levels: readonly { readonly width: number; readonly height: number; readonly sha256: string }[];
  }[];
}

const { slides, micronsPerPixel } = readGolden<Reference>("dicom");
const at = useFolder("dicom");
/** A folder of its own with the files, and their paths. */
function written(name: string, files: readonly (Buffer | string)[]): string[] {
  const own = at(name);
  mkdirSync(own, { recursive: true });
  return files.map((bytes, i) => {
    const path = join(own, i === 0 ? "a slide.dcm" : `${i}`);
    writeFileSync(path, typeof bytes === "string" ? Buffer.from(bytes, "base64") : bytes);
    return path;
  });
}

async function hashes(slide: Slide): Promise<object[]> {
  const found: object[] = [];
  for (const [index, { width, height }] of slide.levels.entries()) {
    const { data } = await slide.readRegion(index, { x: 0, y: 0, width, height });
    found.push({ width, height, sha256: createHash("sha256").update(data).digest("hex") });
  }
  return found;
}

for (const { name, files, levels } of slides) {
  test(`${name}: pydicom's pixels, whichever file of it is named`, async () => {
    for (const path of written(name, files)) {
      const slide = await openSlide(path);
      assert.equal(slide.format, "DICOM");
      assert.equal(slide.micronsPerPixel, micronsPerPixel);
      assert.deepEqual(await hashes(slide), levels);
      await slide.close();
    }
  });
}

const filesOf = (name: string) =>
  slides.find((slide) => slide.name === name)!.files.map((file) => Buffer.from(file, "base64"));
const refuses = async (name: string, files: readonly Buffer[], refusal: Refusal) =>
  assert.rejects(openSlide(written(name, files)[0]!), refusal);

/** A file with other bytes in the place of some. */
function changed(bytes: Buffer, from: string | Buffer, to: string | Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const at = copy.indexOf(from);
  assert.ok(at > 0 && from.length === to.length);
  copy.write(to.toString("latin1"), at, "latin1");
  return copy;
}

/** An element of two or four bytes, in a file that states the kinds of its elements. */
function element(group: number, number: number, kind: "US" | "UL", value: number): Buffer {
  const bytes = Buffer.alloc(kind === "US" ? 10 : 12);
  bytes.writeUInt16LE(group, 0);
  bytes.writeUInt16LE(number, 2);
  bytes.write(kind, 4, "latin1");
  bytes.writeUInt16LE(bytes.length - 8, 6);
  bytes.writeUIntLE(value, 8, bytes.length - 8);
  return bytes;
}

test("a level of which a file is missing is refused, and a copy of a file counts once", async () => {
  const [first, second] = filesOf("a level in two files") as [Buffer, Buffer];
  await refuses("the second is missing", [first], refused("slide-incomplete", "frame 6"));
  await refuses("the first is missing", [second], refused("slide-incomplete", "frame 1"));
  const slide = await openSlide(written("copies", [first, second, second, first])[2]!);
  assert.deepEqual(await hashes(slide), slides.find(({ name }) => name === "a level in two files")!.levels);
  await slide.close();
});

test("a folder's files of one series are one slide", async () => {
  const series = written("a folder", filesOf("JPEG, a series of two levels and a label"));
  const other = at("a folder", "picture.png");
  writeFileSync(other, "no DICOM file");
  const [alone] = written("another folder", filesOf("JPEG, a series of two levels and a label").slice(0, 1));
  assert.deepEqual(await oneFilePerSlide([...series, other, alone!]), [series[0], other, alone]);
});

test("a label without its slide, and DICOM files of other kinds, are refused", async () => {
  const label = filesOf("JPEG, a series of two levels and a label")[2]!;
  await refuses(
    "label",
    [label],
    refused(
      "slide-incomplete",
      /shows a slide's label or the whole glass, and the files of its tissue are not in its folder/,
    ),
  );
  const [plain] = filesOf("uncompressed") as [Buffer];
  const other = changed(plain, "1.2.840.10008.5.1.4.1.1.77.1.6", "1.2.840.10008.5.1.4.1.1.77.1.4");
  await refuses("a photograph", [other], refused("slide-unsupported"));
});

test("several optical paths, focal planes, and other depths are refused by name", async () => {
  const [plain] = filesOf("uncompressed") as [Buffer];
  const with_ = (...[group, number, kind, before, now]: [number, number, "US" | "UL", number, number]) =>
    changed(plain, element(group, number, kind, before), element(group, number, kind, now));
  await refuses("paths", [with_(0x48, 0x302, "UL", 1, 3)], refused("slide-unsupported", "3 optical paths"));
  await refuses("planes", [with_(0x48, 0x303, "UL", 1, 5)], refused("slide-unsupported", "5 focal planes"));
  await refuses(
    "bits",
    [with_(0x28, 0x100, "US", 8, 16)],
    refused("slide-unsupported", /bits per sample, but 8 bits are read: export/),
  );
  const palette = changed(plain, element(0x28, 2, "US", 3), element(0x28, 2, "US", 1));
  await refuses(
    "samples",
    [palette],
    refused("slide-unsupported", /in the colours RGB of 1 samples, uncompressed, which are not read: export/),
  );
});

test("codings that are not read are named, with what unpacks them", async () => {
  const [lossy] = filesOf("JPEG 2000, lossy") as [Buffer];
  const coded = (number: string) => changed(lossy, "1.2.840.10008.1.2.4.91", `1.2.840.10008.1.2.4.${number}`);
  await refuses(
    "JPEG-LS",
    [coded("80")],
    refused("slide-unsupported", /transfer syntax 1\.2\.840\.10008\.1\.2\.4\.80 \(JPEG-LS\).*gdcmconv --raw/),
  );
  await refuses(
    "unknown",
    [coded("99")],
    refused("slide-unsupported", /1\.2\.4\.99 \(unknown\), but only uncompressed, JPEG, JPEG 2000 are read: export/),
  );
});

test("a file whose JPEG data contradict what it states is refused, not shown in wrong colours", async () => {
  const [rgb] = filesOf("JPEG in RGB, without a table of frames") as [Buffer];
  // Adobe's segments become notes, and in their room stands what JFIF begins with.
  let bytes = rgb;
  const adobe = Buffer.from([0xff, 0xee, 0, 14, ...Buffer.from("Adobe")]);
  while (bytes.indexOf(adobe) > 0)
    bytes = changed(bytes, adobe, Buffer.from([0xff, 0xe0, 0, 14, ...Buffer.from("JFIF\0")]));
  const slide = await openSlide(written("contradiction", [bytes])[0]!);
  const refusal = refused("slide-damaged", /Frame 1 of .* is damaged \(its file states RGB, but its JPEG data YCbCr\)/);
  await assert.rejects(slide.readRegion(0, { x: 0, y: 0, width: 8, height: 8 }), refusal);
  await slide.close();
});

test("a file that is cut off is refused when it is opened", async () => {
  for (const name of ["uncompressed", "JPEG 2000, lossy", "JPEG in RGB, without a table of frames", "sparse"]) {
    const [file] = filesOf(name) as [Buffer];
    await refuses(`${name}, cut`, [file.subarray(0, file.length - 200)], refused("slide-damaged"));
  }
});

const cases = process.env.IDC_DATA && join(process.env.IDC_DATA, "cases");

test("a real slide without loss has pydicom's pixels; in JPEG-LS it is refused by name", async (t) => {
  if (!cases) return t.skip("IDC_DATA is not set");
  const slide = await openSlide(join(cases, "sm_image.dcm"));
  assert.equal(slide.micronsPerPixel, 0.499);
  const sha256 = "c05080458a5d583e";
  assert.equal(((await hashes(slide)) as { sha256: string }[])[0]!.sha256.slice(0, 16), sha256);
  await slide.close();
  await assert.rejects(openSlide(join(cases, "sm_image_jpegls.dcm")), refused("slide-unsupported", "JPEG-LS"));
});
