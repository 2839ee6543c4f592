/** Hostile PNG files: every kind of chunk damaged, cut at every boundary, huge, of every colour type, and no PNG at all. */
import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import sharp from "sharp";
import { decodeImage, decodePixels } from "../../src/histology/image/decode.ts";
import type { RgbImage } from "../../src/histology/image/rgb.ts";
import { type Chunk, chunkBytes, END, header, packedRows, pngFile } from "../support/png.ts";
import { HEIGHT, PIXELS, richChunks, WIDTH } from "./chunks.ts";
import type { Expectation, HostileInput } from "./judge.ts";

const SIGNATURE_BYTES = 8;
/** The limit of pictures. */
const MOST_PIXELS = 25_000_000;
const CRITICAL = new Set(["IHDR", "IDAT"]);

/** A picture as an input: decoded quickly inside, or predicted by the real program. */
export function picture(
  name: string,
  expect: Expectation,
  bytes: Uint8Array,
  more: { pixels?: Uint8Array; file?: string; sample?: boolean; check?: (image: RgbImage) => void } = {},
): HostileInput {
  const { pixels, file = "picture.png", sample = false } = more;
  return {
    name,
    expect,
    sample,
    files: () => ({ [file]: bytes }),
    args: ({ at }) => ["predict", at("..", "model.onnx"), at(file), "--json"],
    run: async ({ at }) => {
      // prepare decodes bytes, predict paths, and plain PNG files need no sharp: all must come to the same.
      const [fromPath, ...others] = await Promise.allSettled([
        decodeImage(at(file), at(file)),
        decodeImage(bytes, at(file)),
        decodePixels(bytes, MOST_PIXELS),
      ]);
      assert.deepEqual(
        others.map(({ status }) => status),
        others.map(() => fromPath.status),
        "read as a path, as bytes and by sharp, or not at all",
      );
      if (fromPath.status === "rejected") throw fromPath.reason;
      for (const other of others) {
        if (other.status === "rejected") throw other.reason;
        assert.deepEqual(
          { ...other.value, data: Buffer.from(other.value.data) },
          { ...fromPath.value, data: Buffer.from(fromPath.value.data) },
        );
      }
      return fromPath.value;
    },
    sentence: new RegExp(file.replace(".", "\\.")),
    check(result) {
      if (typeof result === "string") return void assert.match(result, /"probability":[01]?\.?\d/);
      const image = result as RgbImage;
      assert.equal(image.data.length, image.width * image.height * 3);
      if (pixels) assert.deepEqual(Buffer.from(image.data), Buffer.from(pixels));
      more.check?.(image);
    },
  };
}

/** What is not refused must show the right pixels: nothing is half decoded. */
const whole = { pixels: PIXELS };

export async function pngInputs(): Promise<HostileInput[]> {
  return [...damagedChunks(), ...cutFiles(), ...headers(), ...foreignFiles(), ...(await goodFiles())];
}

type Damage = (chunk: Chunk) => Chunk[];

const DAMAGES: Readonly<Record<string, Damage>> = {
  "a wrong CRC": (chunk) => [{ ...chunk, crc: 0xdeadbeef }],
  "a flipped byte": (chunk) => [{ ...chunk, data: flipped(chunk.data) }],
  "a length of one more": (chunk) => [{ ...chunk, length: chunk.data.length + 1 }],
  "a length of 4 GB": (chunk) => [{ ...chunk, length: 0xffffffff }],
  "no content": (chunk) => [{ type: chunk.type, data: Buffer.alloc(0) }],
  "a copy behind it": (chunk) => [chunk, chunk],
  "no place at all": () => [],
  "a damaged name": (chunk) => [{ ...chunk, type: `\u0001${chunk.type.slice(1)}` }],
};

function flipped(data: Buffer): Buffer {
  const copy = Buffer.from(data);
  if (copy.length > 0) copy[copy.length >> 1]! ^= 0x10;
  return copy;
}

function damagedChunks(): HostileInput[] {
  const chunks = richChunks();
  const first = (type: string) => chunks.findIndex((chunk) => chunk.type === type);
  const types = [...new Set(chunks.map(({ type }) => type))];
  return types.flatMap((type) =>
    Object.entries(DAMAGES).map(([how, damage]) => {
      const index = first(type);
      const bytes = pngFile(chunks.flatMap((chunk, place) => (place === index ? damage(chunk) : [chunk])));
      const fatal = CRITICAL.has(type) && !["a copy behind it", "a flipped byte"].includes(how);
      const sample = how === "a wrong CRC" && type === "IDAT";
      return picture(`${type} with ${how}`, fatal ? "refused" : "either", bytes, { ...whole, sample });
    }),
  );
}

function cutFiles(): HostileInput[] {
  const chunks = richChunks();
  const file = pngFile(chunks);
  const lastPixels = chunks.findLastIndex(({ type }) => type === "IDAT");
  let end = SIGNATURE_BYTES;
  return chunks.flatMap((chunk, index) => {
    const start = end;
    end += chunkBytes(chunk).length;
    const expect: Expectation = index <= lastPixels ? "refused" : "either";
    return [
      picture(`cut before ${chunk.type} (${index})`, expect, file.subarray(0, start), whole),
      picture(`cut inside ${chunk.type} (${index})`, expect, file.subarray(0, (start + end) >> 1), whole),
    ];
  });
}

/** Headers that promise what does not follow, in files of some hundred bytes. */
function headers(): HostileInput[] {
  const idat = { type: "IDAT", data: packedRows(PIXELS, 3 * WIDTH) };
  const with_ = (first: Chunk, data = idat): Buffer => pngFile([first, data, END]);
  const zeros = { type: "IDAT", data: deflateSync(Buffer.alloc(1 << 20)) };
  return [
    picture("width 0", "refused", with_(header(0, HEIGHT, 8, 2, 0, 0, 0))),
    picture("height 0", "refused", with_(header(WIDTH, 0, 8, 2, 0, 0, 0))),
    picture("width 2^31", "refused", with_(header(0x80000000, HEIGHT, 8, 2, 0, 0, 0))),
    picture("60,000 x 60,000 in a small file", "refused", with_(header(60000, 60000, 8, 2, 0, 0, 0)), { sample: true }),
    picture("one row of 2^31 - 1 pixels", "refused", with_(header(0x7fffffff, 1, 8, 0, 0, 0, 0), zeros)),
    picture("5,001 x 5,000, above the limit", "refused", with_(header(5001, 5000, 1, 0, 0, 0, 0), zeros)),
    picture("5,000 x 5,000, 16 bits and alpha, in 200 kB", "result", hugeFile(), { sample: true }),
    picture("4,999 x 4,999, most rows missing", "refused", with_(header(4999, 4999, 8, 2, 0, 0, 0), zeros), {
      sample: true,
    }),
    picture("wider than its rows", "refused", with_(header(WIDTH + 1, HEIGHT, 8, 2, 0, 0, 0))),
    picture("higher than its rows", "refused", with_(header(WIDTH, HEIGHT + 1, 8, 2, 0, 0, 0))),
    picture("bit depth 3", "refused", with_(header(WIDTH, HEIGHT, 3, 2, 0, 0, 0))),
    picture("colour type 5", "refused", with_(header(WIDTH, HEIGHT, 8, 5, 0, 0, 0))),
    picture("compression 1", "refused", with_(header(WIDTH, HEIGHT, 8, 2, 1, 0, 0))),
    picture("filter method 1", "refused", with_(header(WIDTH, HEIGHT, 8, 2, 0, 1, 0))),
    picture("interlace 2", "refused", with_(header(WIDTH, HEIGHT, 8, 2, 0, 0, 2))),
    picture("said to be interlaced", "refused", with_(header(WIDTH, HEIGHT, 8, 2, 0, 0, 1))),
    picture("palette without PLTE", "refused", with_(header(WIDTH, HEIGHT, 8, 3, 0, 0, 0))),
    picture("no IDAT", "refused", pngFile([header(WIDTH, HEIGHT, 8, 2, 0, 0, 0), END])),
    picture("IDAT of noise", "refused", with_(header(WIDTH, HEIGHT, 8, 2, 0, 0, 0), { type: "IDAT", data: PIXELS })),
    picture(
      "filter 7 in a row",
      "refused",
      with_(header(1, 1, 8, 2, 0, 0, 0), { type: "IDAT", data: deflateSync(Buffer.from([7, 1, 2, 3])) }),
    ),
    picture("a text of 100 MB, packed", "either", textBomb(), { ...whole, sample: true }),
    picture("an unpackable colour profile", "either", profileOf(Buffer.from("garbage")), {}),
    picture("a colour profile of zeros", "either", profileOf(deflateSync(Buffer.alloc(500))), {}),
    picture("a colour profile of 64 MB", "either", profileOf(deflateSync(Buffer.alloc(1 << 26))), {}),
  ];
}

function hugeFile(): Buffer {
  const idat = { type: "IDAT", data: deflateSync(Buffer.alloc(5000 * (1 + 8 * 5000))) };
  return pngFile([header(5000, 5000, 16, 6, 0, 0, 0), idat, END]);
}

function textBomb(): Buffer {
  const data = Buffer.concat([Buffer.from("Comment\0\0", "latin1"), deflateSync(Buffer.alloc(100_000_000, 65))]);
  return plainWith({ type: "zTXt", data });
}

function profileOf(packed: Buffer): Buffer {
  return plainWith({ type: "iCCP", data: Buffer.concat([Buffer.from("p\0\0", "latin1"), packed]) });
}

function plainWith(extra: Chunk): Buffer {
  const idat = { type: "IDAT", data: packedRows(PIXELS, 3 * WIDTH) };
  return pngFile([header(WIDTH, HEIGHT, 8, 2, 0, 0, 0), extra, idat, END]);
}

function foreignFiles(): HostileInput[] {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="50" height="50"><image href="file:///etc/hostname"/></svg>`;
  const contents: Readonly<Record<string, Uint8Array | string>> = {
    "zero bytes": "",
    "one byte": "\x89",
    "a PNG signature alone": pngFile([]),
    "a text": "not a picture",
    "a web page": "<!doctype html><html><body>404</body></html>",
    "an SVG drawing": svg,
    "a GIF": Buffer.from("R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs=", "base64"),
    "a BMP head": Buffer.concat([Buffer.from("BM"), Buffer.alloc(60)]),
    "a PDF head": "%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n",
    "an HEIC head": Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from("ftypheic"), Buffer.alloc(100)]),
    "a zip head": Buffer.concat([Buffer.from("PK\x03\x04"), Buffer.alloc(100)]),
    "a megabyte of zeros": Buffer.alloc(1 << 20),
    "line ends changed by FTP": Buffer.from(
      pngFile(richChunks()).toString("latin1").replaceAll("\r\n", "\n"),
      "latin1",
    ),
    "a TIFF head": Buffer.from("49492a0008000000ffff", "hex"),
    "a WebP head": Buffer.from("RIFF\xff\xff\xff\xffWEBPVP8 ", "latin1"),
    "a LFS pointer": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n",
  };
  return Object.entries(contents).map(([name, content]) =>
    picture(name, "refused", Buffer.from(content as string), {
      sample: name === "zero bytes" || name === "an SVG drawing",
    }),
  );
}

async function goodFiles(): Promise<HostileInput[]> {
  const raw = sharp(PIXELS, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
  const one = (depth: number, type: number, row: number[], ...before: Chunk[]): Buffer =>
    pngFile([
      header(row.length > 0 ? 8 : 1, 1, depth, type, 0, 0, 0),
      ...before,
      { type: "IDAT", data: deflateSync(Buffer.from([0, ...row])) },
      END,
    ]);
  const palette = { type: "PLTE", data: Buffer.from(Array.from({ length: 48 }, (_, i) => i * 5)) };
  const colours = (indices: number[]): Uint8Array =>
    Uint8Array.from(indices.flatMap((i) => [15 * i, 15 * i + 5, 15 * i + 10]));
  const grey = (values: number[]): Uint8Array => Uint8Array.from(values.flatMap((v) => [v, v, v]));
  const order = [0, 1, 2, 3, 4, 5, 6, 7];
  return [
    picture("all chunks, animated: the first frame", "result", pngFile(richChunks()), { ...whole, sample: true }),
    picture("interlaced", "result", await raw.clone().png({ progressive: true }).toBuffer(), whole),
    picture("with a TIFF's extension", "result", pngFile(richChunks()), { ...whole, file: "picture.tif" }),
    picture("with spaces and other letters in its name", "result", pngFile(richChunks()), {
      ...whole,
      file: "pi ct\u00fcre \u65e5\u672c.png",
      sample: true,
    }),
    picture("1-bit grey", "result", one(1, 0, [0b10110010]).fill(0, 0, 0), {
      check: ({ width }) => assert.equal(width, 8),
    }),
    picture("1-bit palette", "result", one(1, 3, [0b10110010], palette), { pixels: colours([1, 0, 1, 1, 0, 0, 1, 0]) }),
    picture("2-bit palette", "result", one(2, 3, [0b00011011, 0b11100100], palette), {
      pixels: colours([0, 1, 2, 3, 3, 2, 1, 0]),
    }),
    picture("4-bit palette", "result", one(4, 3, [0x01, 0x23, 0x45, 0x67], palette), { pixels: colours(order) }),
    picture("8-bit palette", "result", one(8, 3, order, palette), { pixels: colours(order) }),
    picture("palette index out of range", "either", one(8, 3, [0, 1, 200, 201, 4, 5, 6, 7], palette)),
    picture("4-bit grey", "result", one(4, 0, [0x01, 0x23, 0x45, 0x67]), { pixels: grey(order.map((v) => 17 * v)) }),
    picture(
      "16-bit grey",
      "result",
      one(
        16,
        0,
        order.flatMap((v) => [17 * v, 3]),
      ),
      { pixels: grey(order.map((v) => 17 * v)) },
    ),
    picture(
      "16-bit RGB",
      "result",
      one(
        16,
        2,
        order.flatMap((v) => [v, 255, 2 * v, 0, 3 * v, 9]),
      ),
      {
        pixels: Uint8Array.from(order.flatMap((v) => [v, 2 * v, 3 * v])),
      },
    ),
    picture(
      "grey and alpha, all transparent",
      "result",
      one(
        8,
        4,
        order.flatMap((v) => [v, 0]),
      ),
      { pixels: grey(order.map(() => 255)) },
    ),
    picture(
      "RGB and alpha, opaque",
      "result",
      one(
        8,
        6,
        order.flatMap((v) => [v, v, v, 255]),
      ),
      { pixels: grey(order) },
    ),
    picture(
      "one pixel",
      "result",
      pngFile([header(1, 1, 8, 2, 0, 0, 0), { type: "IDAT", data: deflateSync(Buffer.from([0, 1, 2, 3])) }, END]),
      {
        pixels: Uint8Array.from([1, 2, 3]),
      },
    ),
  ];
}
