/**
 * Makes any number of different PNG pictures of synthetic tissue, far faster than drawing and packing each one. A
 * picture is one of about a thousand drawn ones, with its number in the lowest bits of its first row.
 */
import { crc32, deflateRawSync } from "node:zlib";
import { cutPatches } from "../../src/histology/synthetic/cohort.ts";
import { renderSlide } from "../../src/histology/synthetic/slide.ts";

export const SIDE = 50;
const LINE = SIDE * 3;
/** A number has at most this many bits. */
const BITS = 32;
const COLUMNS = 36;
/** PNG's filter of a row: none, and the difference to the pixel on the left. */
const [NO_FILTER, LEFT] = [0, 1];
const ADLER = 65_521;

/** A drawn picture. All but its first row is packed already. */
interface Drawn {
  /** [150] */
  readonly firstRow: Uint8Array;
  /** The other rows with their filters, and the same packed. */
  readonly rest: Uint8Array;
  readonly packed: Buffer;
}

export class Pictures {
  readonly #drawn: Record<0 | 1, Drawn[]> = { 0: [], 1: [] };

  constructor() {
    const slide = renderSlide({ seed: 42, caseId: "scale", columns: COLUMNS, rows: COLUMNS, idcShare: 0.5 });
    for (const patch of cutPatches(slide, "scale")) {
      if (patch.width === SIDE && patch.height === SIDE) this.#drawn[patch.label].push(drawnOf(patch.data));
    }
  }

  /** A picture with or without IDC. Different numbers below 2^32 give different pictures. */
  png(label: 0 | 1, number: number): Buffer {
    const drawn = this.#drawn[label];
    return encode(drawn[number % drawn.length]!, number);
  }
}

function drawnOf(pixels: Uint8Array): Drawn {
  const rest = new Uint8Array((SIDE - 1) * (LINE + 1));
  for (let row = 1; row < SIDE; row++) {
    const at = (row - 1) * (LINE + 1);
    rest[at] = LEFT;
    for (let i = 0; i < LINE; i++) {
      const here = row * LINE + i;
      rest[at + 1 + i] = pixels[here]! - (i < 3 ? 0 : pixels[here - 3]!);
    }
  }
  return { firstRow: pixels.slice(0, LINE), rest, packed: deflateRawSync(rest) };
}

function encode({ firstRow, rest, packed }: Drawn, number: number): Buffer {
  const first = Buffer.alloc(LINE + 1);
  first[0] = NO_FILTER;
  first.set(firstRow, 1);
  for (let bit = 0; bit < BITS; bit++) first[1 + bit] = (first[1 + bit]! & 0xfe) | ((number >>> bit) & 1);
  // A zlib stream may hold a part that is only stored before a packed one.
  const stored = Buffer.from([
    0,
    first.length & 255,
    first.length >>> 8,
    ~first.length & 255,
    (~first.length >>> 8) & 255,
  ]);
  const zlib = Buffer.concat([Buffer.from([0x78, 0x9c]), stored, first, packed, u32(adler32(first, rest))]);
  return Buffer.concat([HEAD, chunk("IDAT", zlib), END]);
}

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  return Buffer.concat([u32(data.length), body, u32(crc32(body))]);
}

/** The signature, and the header: 8 bits per channel, RGB, not interlaced. */
const HEAD = Buffer.concat([
  Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
  chunk("IHDR", Buffer.concat([u32(SIDE), u32(SIDE), Buffer.from([8, 2, 0, 0, 0])])),
]);
const END = chunk("IEND", Buffer.alloc(0));

function adler32(...parts: readonly Uint8Array[]): number {
  let [a, b] = [1, 0];
  for (const part of parts) {
    for (let at = 0; at < part.length; ) {
      // So many bytes cannot make the sums larger than 2^32.
      const end = Math.min(at + 5000, part.length);
      for (; at < end; at++) {
        a += part[at]!;
        b += a;
      }
      a %= ADLER;
      b %= ADLER;
    }
  }
  return b * 65_536 + a;
}
