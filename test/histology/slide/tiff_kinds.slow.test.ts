/** Kinds of TIFF pictures: those that are read have the pixels of others (golden/tiff.py), and every other combination of tags is refused by name. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import sharp from "sharp";
import { openSlide } from "../../../src/histology/slide/open.ts";
import type { Slide } from "../../../src/histology/slide/slide.ts";
import type { TiffImage } from "../../../src/histology/slide/tiff/image.ts";
import { kindProblem } from "../../../src/histology/slide/tiff/kinds.ts";
import { readGolden } from "../../golden/reference.ts";
import { useFolder } from "../../support/folder.ts";
import { type Refusal, refused } from "../../support/refused.ts";
import { smoothPicture } from "./support/pictures.ts";
import { type PicturePlan, type Tag, tiffFile, tiledPicture } from "./support/tiff_file.ts";

interface Reference {
  readonly width: number;
  readonly height: number;
  readonly files: readonly {
    readonly name: string;
    readonly witnesses: string;
    readonly sha256: string;
    /** In base64. */
    readonly file: string;
  }[];
}

const at = useFolder("kinds");
const { width, height, files } = readGolden<Reference>("tiff");

for (const [index, { name, witnesses, sha256, file }] of files.entries()) {
  test(`${name}: the pixels of ${witnesses}`, async () => {
    const path = at(`${index}.tif`);
    writeFileSync(path, Buffer.from(file, "base64"));
    const slide = await openSlide(path);
    const { data } = await slide.readRegion(0, { x: 0, y: 0, width, height });
    await slide.close();
    assert.equal(createHash("sha256").update(data).digest("hex"), sha256);
  });
}

const TAGS =
  /^(TIFF compression|PhotometricInterpretation|SamplesPerPixel|BitsPerSample|SampleFormat|PlanarConfiguration) /;

const COMPRESSIONS = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 32773, 32946, 33003, 33004, 33005, 34712, 34887, 34892, 34925, 50000, 50001, 50002, 65535,
];
const PHOTOMETRICS = [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 32803, 32844, 34892, 65535];

function imageOf(changes: Partial<TiffImage>): TiffImage {
  const sizes = { width: 16, height: 16, tiled: true, tileWidth: 16, tileHeight: 16, offsets: [8], byteCounts: [8] };
  const { bits = [8], photometric = 2 } = changes;
  const coding = new Map(photometric === 3 ? [[320, Array<number>(3 << bits[0]!).fill(0)]] : []);
  return {
    ...{ ...sizes, compression: 1, photometric, samplesPerPixel: 3, bits, sampleFormats: [1], extraSamples: [] },
    ...{ planar: 1, planes: 1, mostValue: undefined, jpegTables: undefined, coding },
    ...changes,
  };
}

/** What is read, a line each, of every compression, photometric interpretation, number and bits of samples, and planar configuration. */
function readKinds(): string[] {
  const found = new Map<string, number>();
  for (const compression of COMPRESSIONS) {
    for (const photometric of PHOTOMETRICS) {
      for (const samplesPerPixel of [1, 2, 3, 4, 5]) {
        for (const bits of [1, 2, 4, 8, 12, 16, 32]) {
          for (const planar of [0, 1, 2, 3]) {
            const message = kindProblem(imageOf({ compression, photometric, samplesPerPixel, bits: [bits], planar }));
            if (message !== undefined) assert.ok(TAGS.test(message), message);
            else found.set(`${compression}: ${photometric}, ${samplesPerPixel} x ${bits}, planar ${planar}`, 1);
          }
        }
      }
    }
  }
  return [...found.keys()];
}

test("of every combination of tags, these are read, and all others are refused by the tag that differs", () => {
  const both = (kinds: string[]) => kinds.flatMap((kind) => [`${kind}, planar 1`, `${kind}, planar 2`]);
  const samples = both([
    ...["0, 1 x 8", "0, 2 x 8", "1, 1 x 8", "1, 1 x 16", "1, 2 x 8", "1, 2 x 16"],
    ...["2, 3 x 8", "2, 3 x 16", "2, 4 x 8", "2, 4 x 16", "3, 1 x 1", "3, 1 x 2", "3, 1 x 4", "3, 1 x 8"],
  ]);
  const jpeg = [...both(["1, 1 x 8", "2, 3 x 8"]), "6, 3 x 8, planar 1"];
  const expected: [number[], string[]][] = [
    [[1, 5, 8, 32773, 32946, 50000], samples],
    [[7, 33003, 33004, 33005, 34712], jpeg],
    [[50001], ["2, 3 x 8, planar 1", "2, 4 x 8, planar 1"]],
  ];
  const lines = expected.flatMap(([codes, kinds]) => codes.flatMap((code) => kinds.map((kind) => `${code}: ${kind}`)));
  assert.deepEqual(readKinds().sort(), lines.sort());
});

test("what besides makes a kind that is not read is named with its value", () => {
  const coding = (tag: number, ...values: number[]) => ({ coding: new Map([[tag, values]]) });
  const cases: [Partial<TiffImage>, RegExp][] = [
    [{ photometric: 5, samplesPerPixel: 4 }, /PhotometricInterpretation 5 \(CMYK\) with uncompressed/],
    [{ compression: 6 }, /TIFF compression 6 \(old-style JPEG\)/],
    [{ compression: 34887 }, /TIFF compression 34887 \(LERC\)/],
    [{ bits: [8, 8, 16] }, /BitsPerSample 8, 8, 16, which differ/],
    [{ bits: [] }, /BitsPerSample without a value/],
    [{ bits: [32], sampleFormats: [3] }, /BitsPerSample 32/],
    [{ sampleFormats: [1, 1, 2] }, /SampleFormat 2, but whole numbers without sign/],
    [{ bits: [16], sampleFormats: [3, 3, 3] }, /SampleFormat 3/],
    [{ samplesPerPixel: 4, extraSamples: [9] }, /ExtraSamples 9/],
    [{ compression: 5, ...coding(317, 3) }, /Predictor 3/],
    [{ ...coding(266, 3) }, /FillOrder 3/],
    [{ compression: 50000, ...coding(266, 2) }, /FillOrder 2 with zstd/],
    [{ photometric: 3, samplesPerPixel: 1, coding: new Map() }, /a ColorMap of 0 values for a palette of 8 bits/],
    [{ bits: [16], mostValue: 4095 }, /16 bits per sample, of which it says that none is above 4095/],
  ];
  for (const [changes, problem] of cases) assert.match(kindProblem(imageOf(changes)) ?? "read", problem);
  assert.equal(
    kindProblem(imageOf({ ...coding(317, 2) })),
    undefined,
    "a predictor without compression is not looked at",
  );
  assert.equal(kindProblem(imageOf({ bits: [16], mostValue: 65535 })), undefined);
});

async function opened(bytes: Buffer): Promise<Slide> {
  const path = at("own.tif");
  writeFileSync(path, bytes);
  return openSlide(path);
}

test("16 bits whose values reach no more than half of the range are refused: they would be black", async () => {
  const deep = (most: number) => {
    const values = Uint16Array.from({ length: 16 * 16 * 3 }, (_, i) => (i % 97) * (most / 96));
    const tiles = [Buffer.from(values.buffer)];
    const bits: Tag = { tag: 258, type: "short", values: [16, 16, 16] };
    return tiffFile([tiledPicture({ width: 16, height: 16, tile: 16, tiles, more: [bits] })]);
  };
  await (await opened(deep(65_535))).close();
  await assert.rejects(opened(deep(4095)), refused("slide-unsupported", /16 bits per sample, but none of 1 tile/));
});

test("a JPEG tile that contradicts the tags is refused in words", async () => {
  const raw = { raw: { width: 16, height: 16, channels: 3 as const } };
  const picture = sharp(smoothPicture(16, 16).data, raw);
  const [full, half] = await Promise.all(
    (["4:4:4", "4:2:0"] as const).map((chromaSubsampling) => picture.clone().jpeg({ chromaSubsampling }).toBuffer()),
  );
  const grey = await picture.clone().toColourspace("b-w").jpeg().toBuffer();
  const adobe = (transform: number) =>
    Buffer.concat([
      full!.subarray(0, 2),
      Buffer.from([0xff, 0xee, 0, 14, ...Buffer.from("Adobe"), 0, 100, 0, 0, 0, 0, transform]),
      full!.subarray(2),
    ]);
  const plan = { width: 16, height: 16, tile: 16, compression: 7 };
  const cases: [Buffer, Partial<PicturePlan>, Refusal | undefined][] = [
    [full!, { photometric: 6 }, undefined],
    [full!, { photometric: 2 }, undefined],
    [half!, { photometric: 6 }, undefined],
    [
      half!,
      { photometric: 2 },
      refused("slide-damaged", /PhotometricInterpretation 2 \(RGB\), but this JPEG stream is YCbCr/),
    ],
    [adobe(1), { photometric: 6 }, undefined],
    [
      adobe(1),
      { photometric: 2 },
      refused("slide-damaged", /PhotometricInterpretation 2 \(RGB\), but this JPEG stream is YCbCr/),
    ],
    [adobe(0), { photometric: 2 }, undefined],
    [
      adobe(0),
      { photometric: 6 },
      refused("slide-damaged", /PhotometricInterpretation 6 \(YCbCr\), but this JPEG stream is RGB/),
    ],
    [grey, { photometric: 1, samples: 1 }, undefined],
    [grey, { photometric: 2 }, refused("slide-damaged", /1 colour components, but the file states 3/)],
    [full!, { photometric: 1, samples: 1 }, refused("slide-damaged", /3 colour components, but the file states 1/)],
  ];
  for (const [tile, more, refusal] of cases) {
    const slide = await opened(tiffFile([tiledPicture({ ...plan, ...more, tiles: [tile] })]));
    const read = slide.readRegion(0, { x: 0, y: 0, width: 16, height: 16 });
    if (refusal) await assert.rejects(read, refusal);
    else await read;
    await slide.close();
  }
});
