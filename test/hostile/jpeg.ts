/** Hostile JPEG, TIFF and WebP files: cut, every marker damaged, huge, and the good kinds that must be read. */
import assert from "node:assert/strict";
import sharp, { type Sharp } from "sharp";
import type { RgbImage } from "../../src/histology/image/rgb.ts";
import { HEIGHT, PIXELS, WIDTH } from "./chunks.ts";
import type { HostileInput } from "./judge.ts";
import { picture } from "./png.ts";

/** A segment of a JPEG file: from its marker to the next one. */
interface Segment {
  readonly marker: number;
  readonly start: number;
  readonly end: number;
}

/** Smooth, so that JPEG keeps it nearly as it is: red rises to the right, green downwards. */
const SMOOTH = Buffer.from(
  Array.from({ length: WIDTH * HEIGHT }, (_, i) => [5 * (i % WIDTH), 5 * Math.floor(i / WIDTH), 128]).flat(),
);

export async function jpegInputs(): Promise<HostileInput[]> {
  const raw = sharp(SMOOTH, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
  const baseline = await raw
    .clone()
    .jpeg({ quality: 95 })
    .withExif({ IFD0: { Software: "test" } })
    .toBuffer();
  const progressive = await raw.clone().jpeg({ quality: 95, progressive: true }).toBuffer();
  return [
    ...damagedSegments(baseline, "baseline"),
    ...damagedSegments(progressive, "progressive").slice(0, 30),
    ...cutFiles(baseline, "baseline"),
    ...cutFiles(progressive, "progressive"),
    ...sizes(baseline),
    ...(await goodFiles(raw, baseline, progressive)),
    ...(await otherFormats()),
  ];
}

const JPEG = { file: "picture.jpg" };

function segmentsOf(file: Buffer): Segment[] {
  const starts: number[] = [];
  for (let i = 0; i + 1 < file.length; i++) {
    const next = file[i + 1]!;
    if (file[i] === 0xff && next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) {
      starts.push(i);
      if (next !== 0xd8 && next !== 0xd9) i += 1 + file.readUInt16BE(i + 2);
    }
  }
  return starts.map((start, i) => ({ marker: file[start + 1]!, start, end: starts[i + 1] ?? file.length }));
}

const DAMAGES: Readonly<Record<string, (segment: Buffer) => Buffer>> = {
  "no place at all": () => Buffer.alloc(0),
  "a copy behind it": (segment) => Buffer.concat([segment, segment]),
  "a length of 0": (segment) => withLength(segment, 0),
  "a length of 65,535": (segment) => withLength(segment, 65535),
  zeros: (segment) => Buffer.concat([segment.subarray(0, 4), Buffer.alloc(Math.max(0, segment.length - 4))]),
  "another marker": (segment) => Buffer.concat([Buffer.from([0xff, 0x02]), segment.subarray(2)]),
};

function withLength(segment: Buffer, length: number): Buffer {
  const copy = Buffer.from(segment);
  if (copy.length >= 4) copy.writeUInt16BE(length, 2);
  return copy;
}

function damagedSegments(file: Buffer, kind: string): HostileInput[] {
  return segmentsOf(file).flatMap(({ marker, start, end }, index) =>
    Object.entries(DAMAGES).map(([how, damage]) => {
      const bytes = Buffer.concat([file.subarray(0, start), damage(file.subarray(start, end)), file.subarray(end)]);
      // JPEG has no checksums: a changed table is only another picture.
      return picture(`${kind}: marker ${marker.toString(16)} (${index}) with ${how}`, "either", bytes, JPEG);
    }),
  );
}

function cutFiles(file: Buffer, kind: string): HostileInput[] {
  return [2, 4, 20, 100, 200, 0.3, 0.5, 0.7, 0.9].map((where, index) => {
    const bytes = file.subarray(0, where < 1 ? Math.floor(where * file.length) : where);
    return picture(`${kind}: cut to ${bytes.length} bytes`, "refused", bytes, { ...JPEG, sample: index === 7 });
  });
}

function sizes(file: Buffer): HostileInput[] {
  const frame = segmentsOf(file).find(({ marker }) => marker === 0xc0)!;
  const of = (height: number, width: number): Buffer => {
    const copy = Buffer.from(file);
    copy.writeUInt16BE(height, frame.start + 5);
    copy.writeUInt16BE(width, frame.start + 7);
    return copy;
  };
  return [
    picture("65,535 x 65,535 in a small file", "refused", of(65535, 65535), { ...JPEG, sample: true }),
    picture("4,999 x 4,999, most of it missing", "refused", of(4999, 4999), { ...JPEG, sample: true }),
    picture("height 0", "refused", of(0, WIDTH), JPEG),
    picture("width 0", "refused", of(HEIGHT, 0), JPEG),
  ];
}

/** Within 12 of the smooth picture, whatever JPEG or a colour conversion does. */
function isNear(expected: Uint8Array, most = 12) {
  return ({ data }: RgbImage): void => {
    assert.equal(data.length, expected.length);
    const worst = data.reduce((max, value, i) => Math.max(max, Math.abs(value - expected[i]!)), 0);
    assert.ok(worst <= most, `a sample is off by ${worst}`);
  };
}

/** The smooth picture as EXIF orientation `o` stores it must be shown upright: where each stored corner must appear. */
async function goodFiles(raw: Sharp, baseline: Buffer, progressive: Buffer): Promise<HostileInput[]> {
  const near = { ...JPEG, check: isNear(SMOOTH) };
  const rotated = await Promise.all(
    [1, 2, 3, 4, 5, 6, 7, 8].map(async (orientation) => {
      const upright = await sharp(await raw.clone().withMetadata({ orientation }).png().toBuffer())
        .autoOrient()
        .raw()
        .toBuffer();
      const bytes = await raw.clone().withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer();
      const moved = orientation > 1;
      const check = (image: RgbImage): void => {
        isNear(upright)(image);
        assert.equal(moved, Buffer.compare(upright, SMOOTH) !== 0);
      };
      return picture(`EXIF orientation ${orientation}`, "result", bytes, { ...JPEG, check });
    }),
  );
  const cmyk = await raw.clone().toColourspace("cmyk").jpeg({ quality: 95 }).toBuffer();
  return [
    ...rotated,
    picture("baseline", "result", baseline, { ...near, sample: true }),
    picture("progressive", "result", progressive, { ...near, sample: true }),
    picture("with a PNG's extension", "result", baseline, { check: isNear(SMOOTH) }),
    picture("bytes behind its end", "result", Buffer.concat([baseline, Buffer.from("more")]), near),
    picture("CMYK", "result", cmyk, {
      ...JPEG,
      check: ({ width, height }) => assert.deepEqual([width, height], [WIDTH, HEIGHT]),
    }),
    picture("grey", "result", await raw.clone().greyscale().jpeg().toBuffer(), JPEG),
  ];
}

async function otherFormats(): Promise<HostileInput[]> {
  const raw = sharp(PIXELS, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
  const tiff = await raw.clone().tiff({ compression: "deflate" }).toBuffer();
  const plain = await raw.clone().tiff({ compression: "none" }).toBuffer();
  const webp = await raw.clone().webp({ lossless: true }).toBuffer();
  const inTiff = { file: "picture.tif" };
  const inWebp = { file: "picture.webp" };
  const cuts = [8, 50, 0.3, 0.5, 0.9];
  const cut = (bytes: Buffer, where: number) => bytes.subarray(0, where < 1 ? Math.floor(where * bytes.length) : where);
  const flip = (bytes: Buffer, where: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy[Math.floor(where * (copy.length - 1))]! ^= 0xff;
    return copy;
  };
  return [
    picture("TIFF", "result", tiff, { ...inTiff, pixels: PIXELS, sample: true }),
    picture("plain TIFF", "result", plain, { ...inTiff, pixels: PIXELS }),
    picture("WebP", "result", webp, { ...inWebp, pixels: PIXELS, sample: true }),
    picture("a GIF", "refused", await raw.clone().gif().toBuffer(), { file: "picture.png" }),
    picture("an AVIF", "refused", await raw.clone().avif().toBuffer(), { file: "picture.png" }),
    ...cuts.map((where) => picture(`TIFF cut at ${where}`, "refused", cut(tiff, where), inTiff)),
    ...cuts.map((where) => picture(`plain TIFF cut at ${where}`, "refused", cut(plain, where), inTiff)),
    ...cuts.map((where) => picture(`WebP cut at ${where}`, "refused", cut(webp, where), inWebp)),
    ...[0, 0.2, 0.5, 0.99, 1].map((where) =>
      picture(`TIFF with a byte changed at ${where}`, "either", flip(tiff, where), inTiff),
    ),
    ...[0, 0.2, 0.5, 0.99].map((where) =>
      picture(`WebP with a byte changed at ${where}`, "either", flip(webp, where), inWebp),
    ),
  ];
}
