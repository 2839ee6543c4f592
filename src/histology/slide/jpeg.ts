/** JPEG tiles of TIFF files (TIFF Technical Note 2) as JPEG files of their own, which any decoder reads rightly. */

const SOI = Buffer.from([0xff, 0xd8]);
const EOI = 0xd9;
const SOS = 0xda;
const COMMENT = 0xfe;

/** Whether the components are red, green and blue, or luma and chroma; the TIFF tag decides, whatever the tile's markers say. */
export type JpegColours = "rgb" | "ycbcr" | "other";

/** Adobe's segment APP14, whose last byte states the colour transform: 0 none, 1 YCbCr. */
function adobeSegment(transform: 0 | 1): Buffer {
  return Buffer.from([0xff, 0xee, 0, 14, ...Buffer.from("Adobe"), 0, 100, 0, 0, 0, 0, transform]);
}

const COLOURS: Record<JpegColours, Buffer> = {
  rgb: adobeSegment(0),
  ycbcr: adobeSegment(1),
  other: Buffer.alloc(0),
};

/**
 * The tile with the tables that all tiles share, and its colours stated.
 * @throws Error where it is no JPEG stream.
 */
export function wholeJpeg(tile: Buffer, tables: Uint8Array | undefined, colours: JpegColours): Buffer {
  const shared = tables ? withoutNotes(Buffer.from(tables.buffer, tables.byteOffset, tables.length)) : [];
  return Buffer.concat([SOI, COLOURS[colours], ...shared, ...withoutNotes(tile)]);
}

/** What follows the start of a stream, without notes of programs (APPn, which could state other colours, and comments) and the end of tables. */
function withoutNotes(stream: Buffer): Buffer[] {
  if (!stream.subarray(0, 2).equals(SOI)) throw new Error("it does not begin as JPEG does");
  const kept: Buffer[] = [];
  let place = 2;
  while (place + 4 <= stream.length) {
    if (stream[place] !== 0xff) throw new Error(`there is no JPEG marker at its byte ${place}`);
    const marker = stream[place + 1]!;
    if (marker === 0xff) {
      place++;
      continue;
    }
    if (marker === SOS) return [...kept, stream.subarray(place)];
    if (marker === EOI) return kept;
    const end = place + 2 + stream.readUInt16BE(place + 2);
    const isNote = (marker & 0xf0) === 0xe0 || marker === COMMENT;
    if (!isNote) kept.push(stream.subarray(place, end));
    place = end;
  }
  return kept;
}
