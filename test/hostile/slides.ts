/** Hostile slides: cut off, every tag wrong, circles of directories, sizes and lengths without bounds, damaged tiles. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { deflateSync } from "node:zlib";
import sharp from "sharp";
import { cut, everyNth, smoothPicture, tilesOf } from "../histology/slide/support/pictures.ts";
import { type PicturePlan, type Tag, text, tiffFile, tiledPicture } from "../histology/slide/support/tiff_file.ts";
import { jsonOf } from "../support/folder.ts";
import { END, header, pngFile } from "../support/png.ts";
import type { Expectation, HostileInput } from "./judge.ts";
import { readAll, slide, WHOLE } from "./slide_input.ts";

const PICTURE = smoothPicture(200, 150);
const HALF = everyNth(PICTURE, 2);
const PACKED = tilesOf(PICTURE, 64).map((tile) => deflateSync(tile));
const PLAN: PicturePlan = { width: 200, height: 150, tile: 64, tiles: PACKED, compression: 8 };
const SMALLER = tiledPicture({ ...HALF, tile: 64, tiles: tilesOf(HALF, 64), reduced: true });

export async function slideInputs(): Promise<HostileInput[]> {
  return [
    ...soundSlides(),
    ...cutSlides(),
    ...wrongTags(),
    ...wrongArrays(),
    ...circles(),
    ...changedBytes(),
    ...(await wrongJpeg()),
    ...wrongJpeg2000(),
    ...kindsOfTiff(),
    ...leftOut(),
    ...descriptions(),
    ...otherFiles(),
  ];
}

const sound = (plan: Partial<PicturePlan> = {}): Buffer => tiffFile([tiledPicture({ ...PLAN, ...plan }), SMALLER]);
const isPicture = (result: unknown): void => assert.deepEqual(result, cut(PICTURE, WHOLE).data);

function soundSlides(): HostileInput[] {
  return [
    slide("sound", "result", sound(), { check: isPicture }),
    slide("sound, with another extension", "result", sound(), { check: isPicture, file: "slide.png" }),
    slide("sound, without an extension", "result", sound(), { check: isPicture, file: "slide" }),
    slide("bytes behind the end", "result", Buffer.concat([sound(), Buffer.alloc(1000, 7)]), { check: isPicture }),
    slide("tags that nobody knows", "result", sound({ more: [long(65_000, 1), long(60_000, 7)] }), {
      check: isPicture,
    }),
    slide("a picture's file with a slide's name", "result", readFileSync("docs/images/synthetic.png")),
  ];
}

function cutSlides(): HostileInput[] {
  const whole = sound();
  const big = tiffFile([tiledPicture(PLAN), SMALLER], { big: true });
  const lengths = [1, 3, 4, 7, 8, 9, 12, 100, 0.2, 0.5, 0.8, 0.95, 0.99, -20, -1];
  return [whole, big].flatMap((file, i) =>
    lengths.map((length) => {
      const bytes = length < 0 ? file.length + length : length < 1 ? Math.floor(length * file.length) : length;
      return slide(`${i ? "BigTIFF" : "TIFF"} cut to ${length}: ${bytes} bytes`, "refused", file.subarray(0, bytes));
    }),
  );
}

const short = (tag: number, ...values: number[]): Tag => ({ tag, type: "short", values });
const long = (tag: number, ...values: number[]): Tag => ({ tag, type: "long", values });

const HUGE = [2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

/** Each tag with values that no sound file has. */
function wrongTags(): HostileInput[] {
  const wrong: Record<string, readonly Tag[]> = {
    width: [0, 100_000_000, ...HUGE].map((value) => long(256, value)),
    height: [0, 100_000_000, ...HUGE].map((value) => long(257, value)),
    "bits per sample": [short(258, 1, 1, 1), short(258, 16, 16, 16), short(258, 8, 8, 9), short(258, 0), short(258)],
    compression: [0, 2, 3, 4, 6, 7, 34712, 33003, 33005, 50000, 65535].map((value) => short(259, value)),
    photometric: [0, 1, 3, 4, 5, 6, 8, 9, 10, 32803, 34892, 65535].map((value) => short(262, value)),
    "planes, neither together nor apart": [0, 3, 65535].map((value) => short(284, value)),
    "predictor, unknown": [0, 3, 65535].map((value) => short(317, value)),
    samples: [0, 1, 2, 5, 65535].map((value) => short(277, value)),
    "tile width": [0, 1, ...HUGE].map((value) => long(322, value)),
    "tile height": [0, 1, ...HUGE].map((value) => long(323, value)),
    "sample format": [short(339, 3, 3, 3), short(339, 2)],
    "a text in the width's place": [text(256, "200")],
  };
  const either: Record<string, readonly Tag[]> = {
    "fractions in the width's place": [{ tag: 256, type: "rational", values: [200, 1] }],
    planes: [short(284, 2)],
    predictor: [short(317, 2)],
    "fill order": [short(266, 2), short(266, 9)],
    "samples besides": [short(338, 2), short(338, 1, 1, 1, 1)],
    subsampling: [short(530, 2, 2), short(530, 0, 0), short(530, 65535, 65535)],
    "kind of picture": [long(254, 2 ** 32 - 1)],
    resolution: [
      { tag: 282, type: "rational", values: [0, 0] },
      { tag: 282, type: "ascii", values: Buffer.from("72\0") },
    ],
  };
  const inputs = (rows: Record<string, readonly Tag[]>, expect: Expectation) =>
    Object.entries(rows).flatMap(([what, tags]) =>
      tags.map((tag, i) => slide(`${what}, ${i}: ${[...tag.values].join(" ")}`, expect, sound({ more: [tag] }))),
    );
  const gone = [256, 257, 258, 262, 322, 323, 324, 325].map((tag) => {
    const { tags, data } = tiledPicture(PLAN);
    const kept = {
      tags: tags.filter((other) => other.tag !== tag),
      data: { ...data!, ...(tag === 324 ? { places: 999 } : {}), ...(tag === 325 ? { lengths: 999 } : {}) },
    };
    return slide(`without tag ${tag}`, "refused", tiffFile([kept]));
  });
  return [...inputs(wrong, "refused"), ...inputs(either, "either"), ...gone];
}

/** Places and lengths of tiles, and of the tags' own values. */
function wrongArrays(): HostileInput[] {
  const all = (value: number) => PACKED.map(() => value);
  const big = (tag: number, value: number): Buffer =>
    tiffFile([tiledPicture({ ...PLAN, more: [{ tag, type: "long8", values: all(value) }] })], { big: true });
  const claims = (tag: number, count: number, at?: number): Buffer =>
    sound({ more: [{ tag, type: "long", values: all(8), count, ...(at === undefined ? {} : { at }) }] });
  return [
    slide("tiles beyond the end", "refused", sound({ more: [long(324, ...all(1e9))] }), {
      sentence: /cut off or damaged/,
    }),
    slide("tiles at the end", "refused", sound({ more: [long(324, ...all(2 ** 32 - 1))] })),
    slide("tiles beyond all files", "refused", big(324, 2 ** 60)),
    slide("a tile of 4 GB", "refused", sound({ more: [long(325, ...all(2 ** 32 - 1))] })),
    slide("a tile of exabytes", "refused", big(325, 2 ** 62)),
    slide("a tile of a number that is none", "refused", big(325, 2 ** 53)),
    slide("tiles of one byte", "refused", sound({ more: [long(325, ...all(1))] })),
    slide("one place for all tiles", "refused", sound({ more: [long(324, 8)] })),
    slide("one length for all tiles", "refused", sound({ more: [long(325, 8)] })),
    ...[324, 325, 258, 338, 320, 347].flatMap((tag) => [
      slide(`tag ${tag} claims four billion values`, "refused", claims(tag, 2 ** 32 - 1)),
      slide(`tag ${tag} claims values beyond the end`, "refused", claims(tag, 1000, 2 ** 31)),
    ]),
    slide("a tag of unknown type", "refused", badType()),
    slide("one array of 16 MB in 100 directories", "refused", sharedArray, {
      sentence: /more than 128 MB/,
      sample: true,
    }),
  ];
}

function badType(): Buffer {
  const bytes = sound();
  // The first entry's type, in the first directory.
  bytes.writeUInt16LE(99, bytes.readUInt32LE(4) + 2 + 2);
  return bytes;
}

/** Memory for what the file holds once, over and over. */
function sharedArray(): Buffer {
  const array = Buffer.alloc(16 << 20, 8);
  const tag: Tag = { tag: 324, type: "long", values: array };
  return tiffFile(
    Array.from({ length: 100 }, (_, i) => tiledPicture({ ...PLAN, reduced: i > 0, more: [tag, long(60_000, i)] })),
  );
}

function circles(): HostileInput[] {
  const patched = (change: (bytes: Buffer, first: number) => void, directories = [tiledPicture(PLAN), SMALLER]) => {
    const bytes = tiffFile(directories);
    change(bytes, bytes.readUInt32LE(4));
    return bytes;
  };
  const nextOf = (bytes: Buffer, at: number) => at + 2 + 12 * bytes.readUInt16LE(at);
  const many = (count: number) => Array.from({ length: count }, (_, i) => ({ tags: [long(256, i)] }));
  return [
    slide(
      "a directory that follows itself",
      "refused",
      patched((bytes, at) => bytes.writeUInt32LE(at, nextOf(bytes, at))),
      { sentence: /circle/ },
    ),
    slide(
      "two directories in a circle",
      "refused",
      patched((bytes, at) => {
        const second = bytes.readUInt32LE(nextOf(bytes, at));
        bytes.writeUInt32LE(at, nextOf(bytes, second));
      }),
      { sentence: /circle/ },
    ),
    slide(
      "no directory",
      "refused",
      patched((bytes) => bytes.writeUInt32LE(0, 4)),
    ),
    slide(
      "a directory beyond the end",
      "refused",
      patched((bytes) => bytes.writeUInt32LE(2 ** 31, 4)),
    ),
    slide(
      "a directory in the header",
      "refused",
      patched((bytes) => bytes.writeUInt32LE(0x2, 4)),
    ),
    slide(
      "a directory of 65,535 entries",
      "refused",
      patched((bytes, at) => bytes.writeUInt16LE(65_535, at)),
    ),
    slide(
      "a directory of no entries",
      "refused",
      patched((bytes, at) => bytes.writeUInt16LE(0, at)),
    ),
    slide("12,000 directories", "refused", () => tiffFile([tiledPicture(PLAN), ...many(12_000)]), {
      sentence: /more than 10,000/,
      sample: true,
    }),
    slide("9,000 directories", "result", () => tiffFile([tiledPicture(PLAN), ...many(9000)]), { check: isPicture }),
    slide(
      "a sub-directory that is the directory",
      "either",
      patched(ownSubDirectory, [tiledPicture({ ...PLAN, more: [long(330, 0)] })]),
    ),
    slide(
      "sub-directories by the thousand in one place",
      "refused",
      sound({ more: [long(330, ...Array<number>(50_000).fill(8))] }),
    ),
    slide("a sub-directory beyond the end", "refused", sound({ more: [long(330, 2 ** 31)] })),
    slide(
      "BigTIFF with 2^60 entries",
      "refused",
      bigWith((bytes, at) => bytes.writeBigUInt64LE(2n ** 60n, at)),
    ),
    slide(
      "BigTIFF with a directory at 2^63",
      "refused",
      bigWith((bytes) => bytes.writeBigUInt64LE(2n ** 63n, 8)),
    ),
    slide(
      "BigTIFF with places of 4 bytes",
      "refused",
      bigWith((bytes) => bytes.writeUInt16LE(4, 4)),
    ),
  ];
}

function ownSubDirectory(bytes: Buffer, at: number): void {
  for (let entry = at + 2; ; entry += 12)
    if (bytes.readUInt16LE(entry) === 330) return void bytes.writeUInt32LE(at, entry + 8);
}

function bigWith(change: (bytes: Buffer, first: number) => void): Buffer {
  const bytes = tiffFile([tiledPicture(PLAN)], { big: true });
  change(bytes, Number(bytes.readBigUInt64LE(8)));
  return bytes;
}

/** Every byte of the header and of the directories, changed in turn. */
function changedBytes(): HostileInput[] {
  const whole = sound();
  const directory = whole.readUInt32LE(4);
  const places = [...Array(8).keys(), ...Array.from({ length: whole.length - directory }, (_, i) => directory + i)];
  return places.map((place) => {
    const bytes = Buffer.from(whole);
    bytes[place] = bytes[place]! ^ (place % 3 === 0 ? 0x80 : place % 3 === 1 ? 0xff : 0x01);
    return slide(`byte ${place} changed`, "either", bytes);
  });
}

async function wrongJpeg(): Promise<HostileInput[]> {
  const tile = (width: number, height: number) =>
    sharp(smoothPicture(width, height).data, { raw: { width, height, channels: 3 } })
      .jpeg()
      .toBuffer();
  const good = await tile(64, 64);
  const jpeg = (bytes: Buffer, more: Partial<PicturePlan> = {}) =>
    sound({ compression: 7, photometric: 6, tiles: PACKED.map(() => bytes), ...more });
  const start = good.indexOf(Buffer.from([0xff, 0xc0]));
  const sized = Buffer.from(good);
  sized.writeUInt16BE(65_535, start + 5);
  sized.writeUInt16BE(65_535, start + 7);
  const tables = (values: Buffer): Tag => ({ tag: 347, type: "undefined", values });
  return [
    slide("JPEG tiles", "result", jpeg(good)),
    slide("JPEG tiles of smaller chroma said to be RGB", "refused", jpeg(good, { photometric: 2 }), {
      sentence: /PhotometricInterpretation 2 \(RGB\)/,
    }),
    slide("JPEG tiles of another size", "refused", jpeg(await tile(32, 64)), {
      sentence: /32 x 64 pixels, not 64 x 64/,
      sample: true,
    }),
    slide("JPEG tiles larger than said", "refused", jpeg(await tile(128, 64))),
    slide("JPEG tiles of 65,535 x 65,535", "refused", jpeg(sized)),
    slide("JPEG tiles of zeros", "refused", jpeg(Buffer.alloc(500))),
    slide("JPEG tiles of nothing but a start", "refused", jpeg(good.subarray(0, 2))),
    slide("tables that are none", "refused", jpeg(good, { more: [tables(Buffer.from("none"))] })),
    slide("tables of a whole picture", "either", jpeg(good, { more: [tables(good)] })),
    ...[0.1, 0.3, 0.5, 0.7, 0.9, 0.98].map((share) =>
      slide(`JPEG tiles cut at ${share}`, "refused", jpeg(good.subarray(0, Math.floor(share * good.length)))),
    ),
    ...Array.from({ length: 60 }, (_, i) => {
      const bytes = Buffer.from(good);
      bytes[2 + Math.floor((i * (good.length - 4)) / 60)]! ^= 0xff;
      return slide(`JPEG tiles with a byte changed, ${i}`, "either", jpeg(bytes));
    }),
    slide("PNG in place of JPEG", "refused", jpeg(await sharp(good).png().toBuffer())),
    slide("deflated zeros without end", "either", () =>
      sound({ tiles: PACKED.map(() => deflateSync(Buffer.alloc(20_000_000))) }),
    ),
    slide(
      "deflated tiles that are short",
      "refused",
      sound({ tiles: PACKED.map(() => deflateSync(Buffer.alloc(100))) }),
    ),
    slide("a packed picture in one strip of 10 gigapixels", "refused", oneStrip(8), {
      sentence: /tiles of 256 x 256/,
      sample: true,
    }),
    slide("a picture in one strip of 10 gigapixels, of which 1,000 bytes are there", "refused", oneStrip(1), {
      sentence: /a strip has 1,000 bytes/,
      sample: true,
    }),
  ];
}

function oneStrip(compression: number): Buffer {
  const { tags } = tiledPicture({ ...PLAN, width: 100_000, height: 100_000, compression });
  const kept = tags.filter(({ tag }) => tag !== 322 && tag !== 323);
  return tiffFile([
    { tags: [...kept, long(278, 100_000)], data: { blocks: [Buffer.alloc(1000)], places: 273, lengths: 279 } },
  ]);
}

function wrongJpeg2000(): HostileInput[] {
  const { slides } = jsonOf("golden/values/jpeg2000.json") as {
    slides: { name: string; slide: string }[];
  };
  const lossy = Buffer.from(slides.find(({ name }) => name === "YCbCr 4:2:2, lossy")!.slide, "base64");
  const rgb = Buffer.from(slides.find(({ name }) => name.startsWith("RGB, lossy, with the"))!.slide, "base64");
  const stream = lossy.indexOf(Buffer.from([0xff, 0x4f, 0xff, 0x51]));
  const sized = (at: number, value: number) => {
    const bytes = Buffer.from(lossy);
    bytes.writeUInt32BE(value, stream + 8 + 4 * at);
    return bytes;
  };
  const changed = (file: Buffer, i: number): Buffer => {
    const bytes = Buffer.from(file);
    const end = bytes.indexOf(Buffer.from([0xff, 0xd9]), stream);
    bytes[stream + 2 + Math.floor((i * (end - stream - 2)) / 120)]! ^= i % 2 ? 0xff : 0x08;
    return bytes;
  };
  return [
    slide("JPEG 2000", "result", lossy),
    ...[0, 1, 2, 3, 4, 5, 6, 7].flatMap((at) =>
      HUGE.map((value) =>
        slide(`JPEG 2000, size ${at} is ${value}`, at === 4 || at === 5 ? "either" : "refused", sized(at, value)),
      ),
    ),
    ...[4, 5].flatMap((at) =>
      [0, 1].map((value) =>
        slide(`JPEG 2000 in tiles, ${at}, of ${value} pixels`, value === 0 ? "refused" : "either", sized(at, value)),
      ),
    ),
    ...Array.from({ length: 120 }, (_, i) =>
      slide(`JPEG 2000 with a byte changed, ${i}`, "either", changed(i % 4 < 2 ? lossy : rgb, i)),
    ),
  ];
}

/** Each kind of picture that is read (golden/tiff.py), damaged: bytes changed from its first tile to its end, and cut. */
function kindsOfTiff(): HostileInput[] {
  const { files } = jsonOf("golden/values/tiff.json") as {
    files: { name: string; file: string }[];
  };
  return files.flatMap(({ name, file }, place) => {
    const whole = Buffer.from(file, "base64");
    const changed = Array.from({ length: 3 }, (_, i) => {
      const bytes = Buffer.from(whole);
      const at = 8 + Math.floor(((i + 0.1 + 0.013 * place) * (whole.length - 8)) / 3);
      bytes[Math.min(at, whole.length - 1)]! ^= i % 2 ? 0xff : 0x10;
      return slide(`${name}: byte ${at} changed`, "either", bytes);
    });
    return [...changed, slide(`${name}, cut`, "refused", whole.subarray(0, Math.floor(whole.length * 0.7)))];
  });
}

/** Tiles and rows that the file leaves out, in numbers that must cost nothing. */
function leftOut(): HostileInput[] {
  const [side, tile] = [2 ** 19, 128];
  const none = (count: number): Tag[] => [324, 325].map((tag) => ({ tag, type: "byte", values: Buffer.alloc(count) }));
  const empty = {
    tags: tiledPicture({ width: side, height: side, tile, tiles: [], more: none((side / tile) ** 2) }).tags,
  };
  return [
    slide("sixteen million tiles that are left out", "result", () => tiffFile([empty]), { check: isWhite }),
    slide(
      "tiles that are left out of each level",
      "result",
      () =>
        tiffFile(
          [0, 1, 2].map((level) =>
            tiledPicture({
              ...PLAN,
              width: 200 >> level,
              height: 150 >> level,
              tiles: PACKED.map(() => undefined),
              reduced: level > 0,
            }),
          ),
        ),
      { check: isWhite },
    ),
    slide(
      "a smaller level without tiles",
      "result",
      tiffFile([
        tiledPicture(PLAN),
        { ...SMALLER, data: { ...SMALLER.data!, blocks: SMALLER.data!.blocks.map(() => undefined) } },
      ]),
      { check: isPicture },
    ),
  ];
}

const isWhite = (result: unknown): void => assert.ok((result as Uint8Array).every((value) => value === 255));

function descriptions(): HostileInput[] {
  const described = (description: string) => sound({ description });
  const laughs = `<?xml version="1.0"?><!DOCTYPE OME [<!ENTITY a "ha">${Array.from({ length: 30 }, (_, i) => `<!ENTITY b${i} "&b${i - 1};&b${i - 1};">`).join("")}]><OME><Image>&b29;</Image></OME>`;
  return [
    slide("OME: entities in entities", "refused", described(laughs)),
    slide("OME: a million elements", "refused", () => described(`<OME>${"<a/>".repeat(1_000_000)}</OME>`)),
    slide("OME: an attribute of 5 MB", "refused", () =>
      described(`<OME><Pixels SizeX="${"9".repeat(5_000_000)}"/></OME>`),
    ),
    slide(
      "OME: sizes that are none",
      "refused",
      described('<OME><Image><Pixels SizeX="x" SizeY="" SizeC="3"/></Image></OME>'),
    ),
    slide(
      "OME: a directory that is none",
      "refused",
      described(
        '<OME><Image><Pixels SizeX="200" SizeY="150" SizeC="3" SizeZ="1" SizeT="1"><TiffData IFD="1e9"/></Pixels></Image></OME>',
      ),
    ),
    slide("Aperio: a scale that is none", "result", described("Aperio Image|MPP = wide|MPP|=|"), {
      check: isPicture,
    }),
    slide("Aperio: 5 MB of description", "result", () => described(`Aperio${"|".repeat(5_000_000)}`), {
      check: isPicture,
    }),
  ];
}

function otherFiles(): HostileInput[] {
  const read = /Aperio SVS.*TIFF.*PNG.*are read/;
  const plain = (name: string, bytes: Buffer | string) =>
    slide(name, "refused", Buffer.from(bytes as string, "latin1"), { sentence: read });
  const at = (name: string, path: string): HostileInput => ({
    ...slide(name, "refused", Buffer.alloc(0), { sentence: read }),
    run: (place) => readAll(place.at(path)),
  });
  const huge = pngFile([
    header(40_000, 40_000, 8, 2, 0, 0, 0),
    { type: "IDAT", data: deflateSync(Buffer.alloc(1000)) },
    END,
  ]);
  return [
    plain("nothing at all", ""),
    plain("a text", "not a slide\n"),
    plain("zeros", "\0".repeat(100_000)),
    plain("a GIF", "GIF89a\x01\x00\x01\x00"),
    plain("a PDF", "%PDF-1.7\n"),
    plain("a zip archive", "PK\x03\x04"),
    plain("an SVG", '<svg xmlns="http://www.w3.org/2000/svg"/>'),
    at("a folder", "."),
    at("a missing file", "none.svs"),
    at("a file in the place of a folder", "slide.tif/none.svs"),
    slide("the first bytes of TIFF", "refused", Buffer.from("II*\0")),
    slide("TIFF and zeros", "refused", Buffer.concat([Buffer.from("II*\0"), Buffer.alloc(1000)])),
    slide("TIFF and ones", "refused", Buffer.concat([Buffer.from("MM\0*"), Buffer.alloc(1000, 255)])),
    slide("the first bytes of PNG", "refused", Buffer.from("\x89PNG\r\n\x1a\n", "latin1")),
    slide("a PNG of 1.6 gigapixels", "refused", huge, {
      sentence: /40000 x 40000.*convert it to a tiled TIFF/,
      sample: true,
    }),
  ];
}
