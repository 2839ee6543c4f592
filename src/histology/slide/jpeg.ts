/** JPEG tiles of TIFF files (TIFF Technical Note 2) as JPEG files of their own, which any decoder reads rightly. */

const SOI = Buffer.from([0xff, 0xd8]);
const EOI = 0xd9;
const SOS = 0xda;
const ADOBE = 0xee;
const COMMENT = 0xfe;
/** The start of a frame is one of 16 markers from here on, but for three that mean something else. */
const FIRST_FRAME = 0xc0;
const NO_FRAMES = [0xc4, 0xc8, 0xcc];

/** What the components are; the TIFF tag decides. */
export type JpegColours = "rgb" | "ycbcr" | "grey";

/** Adobe's segment APP14, whose last byte states the colour transform: 0 none, 1 YCbCr. */
function adobeSegment(transform: 0 | 1): Buffer {
  return Buffer.from([0xff, ADOBE, 0, 14, ...Buffer.from("Adobe"), 0, 100, 0, 0, 0, 0, transform]);
}

/** What is written at the start of a tile, and what its own markers must not contradict. */
const COLOURS: Readonly<Record<JpegColours, { segment: Buffer; components: number; transform: number | undefined }>> = {
  rgb: { segment: adobeSegment(0), components: 3, transform: 0 },
  ycbcr: { segment: adobeSegment(1), components: 3, transform: 1 },
  grey: { segment: Buffer.alloc(0), components: 1, transform: undefined },
};

/**
 * The tile with the tables that all tiles share, and its colours stated.
 * @throws Error if it is no JPEG stream, or has other colours than the file says.
 */
export function wholeJpeg(tile: Buffer, tables: Uint8Array | undefined, colours: JpegColours): Buffer {
  const shared = tables ? read(Buffer.from(tables.buffer, tables.byteOffset, tables.length)).kept : [];
  const stream = read(tile);
  requireColours(stream, colours);
  return Buffer.concat([SOI, COLOURS[colours].segment, ...shared, ...stream.kept]);
}

interface Stream {
  /**
   * What follows the start of a stream, without notes of programs (APPn, which could state other colours, and comments) and
   * the end of tables.
   */
  readonly kept: readonly Buffer[];
  /** How many samples across and down each component has, beside the others; undefined if there is no frame. */
  readonly sampling: readonly number[] | undefined;
  /** Adobe's colour transform, if one is stated. */
  readonly transform: number | undefined;
}

function read(stream: Buffer): Stream {
  if (!stream.subarray(0, 2).equals(SOI)) throw new Error("it does not begin as JPEG does");
  const kept: Buffer[] = [];
  let sampling: Stream["sampling"];
  let transform: number | undefined;
  let place = 2;
  while (place + 4 <= stream.length) {
    if (stream[place] !== 0xff) throw new Error(`there is no JPEG marker at its byte ${place}`);
    const marker = stream[place + 1]!;
    if (marker === 0xff) {
      place++;
      continue;
    }
    if (marker === SOS) kept.push(stream.subarray(place));
    if (marker === SOS || marker === EOI) break;
    const end = place + 2 + stream.readUInt16BE(place + 2);
    const content = stream.subarray(place + 4, end);
    const isNote = (marker & 0xf0) === 0xe0 || marker === COMMENT;
    if (!isNote) kept.push(stream.subarray(place, end));
    if ((marker & 0xf0) === FIRST_FRAME && !NO_FRAMES.includes(marker)) sampling ??= samplingOf(content);
    if (marker === ADOBE && content.length >= 12 && content.toString("latin1", 0, 5) === "Adobe")
      transform = content[11];
    place = end;
  }
  return { kept, sampling, transform };
}

/** Behind precision, height and width: how many components there are, then three bytes for each, the second of which is its sampling. */
function samplingOf(frame: Buffer): number[] {
  const count = frame[5] ?? 0;
  return Array.from({ length: count }, (_, i) => frame[7 + 3 * i] ?? 0);
}

function requireColours({ sampling, transform }: Stream, colours: JpegColours): void {
  const expected = COLOURS[colours];
  if (sampling && sampling.length !== expected.components) {
    throw new Error(`it has ${sampling.length} colour components, but the file says ${expected.components}`);
  }
  // Not red, green and blue: no program makes one of them smaller.
  const subsampled = colours === "rgb" && sampling?.some((one) => one !== sampling[0]);
  const contradicts = expected.transform !== undefined && transform !== undefined && transform !== expected.transform;
  if (!subsampled && !contradicts) return;
  const [said, found] = colours === "rgb" ? ["2 (RGB)", "YCbCr"] : ["6 (YCbCr)", "RGB"];
  throw new Error(`the file has PhotometricInterpretation ${said}, but this JPEG stream is ${found}`);
}
