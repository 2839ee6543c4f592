/**
 * Converts JPEG tiles of TIFF files (TIFF Technical Note 2) to complete JPEG files that any decoder reads correctly.
 */
import { dataViewOf, joinBytes, latin1, latin1Bytes, startsWith } from "../../util/bytes.ts";

const SOI = Uint8Array.of(0xff, 0xd8);
const EOI = 0xd9;
const SOS = 0xda;
const ADOBE = 0xee;
const COMMENT = 0xfe;
/** Frames start with one of the 16 markers from here on. Three of these have another meaning. */
const FIRST_FRAME = 0xc0;
const NO_FRAMES = [0xc4, 0xc8, 0xcc];

/** The meaning of the components, as given by the TIFF tag. */
export type JpegColours = "rgb" | "ycbcr" | "grey";

/** Adobe's APP14 segment. Its last byte gives the colour transform: 0 none, 1 YCbCr. */
function adobeSegment(transform: 0 | 1): Uint8Array {
  return Uint8Array.of(0xff, ADOBE, 0, 14, ...latin1Bytes("Adobe"), 0, 100, 0, 0, 0, 0, transform);
}

/**
 * For each kind of colours: the segment written at the start of a tile, and the values that the tile must not
 * contradict.
 */
const COLOURS: Readonly<
  Record<JpegColours, { segment: Uint8Array; components: number; transform: number | undefined }>
> = {
  rgb: { segment: adobeSegment(0), components: 3, transform: 0 },
  ycbcr: { segment: adobeSegment(1), components: 3, transform: 1 },
  grey: { segment: new Uint8Array(0), components: 1, transform: undefined },
};

/**
 * Returns the tile with the shared tables and with its colours stated.
 * @throws Error if it is not a JPEG stream, or if its colours differ from those of the TIFF file.
 */
export function wholeJpeg(tile: Uint8Array, tables: Uint8Array | undefined, colours: JpegColours): Uint8Array {
  const shared = tables ? read(tables).kept : [];
  const stream = read(tile);
  requireColours(stream, colours);
  return joinBytes([SOI, COLOURS[colours].segment, ...shared, ...stream.kept]);
}

interface Stream {
  /**
   * The stream after its start marker, without application segments (APPn, which could state other colours), comments
   * and the end marker of tables.
   */
  readonly kept: readonly Uint8Array[];
  /** Each component's sampling factors; undefined if there is no frame. */
  readonly sampling: readonly number[] | undefined;
  /** Adobe's colour transform, if stated. */
  readonly transform: number | undefined;
}

function read(stream: Uint8Array): Stream {
  if (!startsWith(stream, SOI)) throw new Error("it does not begin as JPEG does");
  const view = dataViewOf(stream);
  const kept: Uint8Array[] = [];
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
    const end = place + 2 + view.getUint16(place + 2);
    const content = stream.subarray(place + 4, end);
    const isNote = (marker & 0xf0) === 0xe0 || marker === COMMENT;
    if (!isNote) kept.push(stream.subarray(place, end));
    if ((marker & 0xf0) === FIRST_FRAME && !NO_FRAMES.includes(marker)) sampling ??= samplingOf(content);
    if (marker === ADOBE && content.length >= 12 && latin1(content, 0, 5) === "Adobe") transform = content[11];
    place = end;
  }
  return { kept, sampling, transform };
}

/**
 * A frame contains precision, height, width and the number of components. Then come three bytes per component, of which
 * the second is the sampling.
 */
function samplingOf(frame: Uint8Array): number[] {
  const count = frame[5] ?? 0;
  return Array.from({ length: count }, (_, i) => frame[7 + 3 * i] ?? 0);
}

function requireColours({ sampling, transform }: Stream, colours: JpegColours): void {
  const expected = COLOURS[colours];
  if (sampling && sampling.length !== expected.components) {
    throw new Error(`it has ${sampling.length} colour components, but the file states ${expected.components}`);
  }
  // Different sampling shows that the components are not RGB. No program subsamples a single RGB channel.
  const subsampled = colours === "rgb" && sampling?.some((one) => one !== sampling[0]);
  const contradicts = expected.transform !== undefined && transform !== undefined && transform !== expected.transform;
  if (!subsampled && !contradicts) return;
  const [said, found] = colours === "rgb" ? ["2 (RGB)", "YCbCr"] : ["6 (YCbCr)", "RGB"];
  throw new Error(`the file has PhotometricInterpretation ${said}, but this JPEG stream is ${found}`);
}
