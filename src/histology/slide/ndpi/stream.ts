/**
 * Reads the header of a JPEG stream with restart markers: sizes, sampling, and how the markers divide it into tiles.
 */
import { dataViewOf, joinBytes } from "../../../util/bytes.ts";
import { type StatedColours, statedColours } from "../jpeg_colours.ts";

export interface StreamHeader {
  /** The bytes from the start of the stream to its pixel data. */
  readonly bytes: Uint8Array;
  /** The offset of the height and width in the header, two bytes each. */
  readonly sizeAt: number;
  /** The stated size. If the real size does not fit into two bytes, it is 0 or wrong. */
  readonly width: number;
  readonly height: number;
  /** Size of the smallest coded block (MCU) in pixels. */
  readonly blockWidth: number;
  readonly blockHeight: number;
  /** Number of blocks between two restart markers; 0 if there are none. */
  readonly interval: number;
  readonly colours: StatedColours;
}

const BASELINE = [0xc0, 0xc1];
const OTHER_FRAMES = [0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf];
const SOS = 0xda;
const RESTART_INTERVAL = 0xdd;

/** @throws Error if it is damaged, or is not a baseline JPEG with three interleaved components. */
export function readStreamHeader(bytes: Uint8Array): StreamHeader {
  const view = dataViewOf(bytes);
  if (bytes.length < 4 || bytes[0] !== 0xff || bytes[1] !== 0xd8)
    throw new Error("a level does not begin as JPEG does");
  let frame: Omit<StreamHeader, "bytes" | "interval" | "colours"> | undefined;
  let interval = 0;
  for (let place = 2; place + 4 <= bytes.length; ) {
    if (bytes[place] !== 0xff) throw new Error("a level's JPEG header is damaged");
    const marker = bytes[place + 1]!;
    if (marker === 0xff) {
      place++;
      continue;
    }
    const end = place + 2 + view.getUint16(place + 2);
    if (end > bytes.length) break;
    if (OTHER_FRAMES.includes(marker)) throw new Error("a level is not a baseline JPEG");
    if (BASELINE.includes(marker)) frame = readFrame(bytes.subarray(0, end), place);
    if (marker === RESTART_INTERVAL) interval = view.getUint16(place + 4);
    if (marker === SOS) {
      if (!frame || bytes[place + 4] !== 3) throw new Error("a level's its three components are not interleaved");
      const header = bytes.subarray(0, end);
      return { bytes: header, ...frame, interval, colours: statedColours(header) };
    }
    place = end;
  }
  throw new Error("a level's JPEG header does not end");
}

/** Reads the frame's segment: length, 8 bits, height, width, and the sampling of each of three components. */
function readFrame(bytes: Uint8Array, place: number): Omit<StreamHeader, "bytes" | "interval" | "colours"> {
  const view = dataViewOf(bytes);
  const components = bytes[place + 9];
  if (components !== 3 || bytes.length < place + 10 + 3 * components || bytes[place + 4] !== 8) {
    throw new Error("a level has other than three colours of 8 bits");
  }
  const factors = [0, 1, 2].map((i) => bytes[place + 11 + 3 * i]!);
  const most = (of: (factor: number) => number) => Math.max(...factors.map(of));
  return {
    sizeAt: place + 5,
    height: view.getUint16(place + 5),
    width: view.getUint16(place + 7),
    blockWidth: 8 * most((factor) => factor >> 4),
    blockHeight: 8 * most((factor) => factor & 15),
  };
}

/** Builds a complete JPEG stream of a different size from the data between restart markers. */
export function streamOf(
  { bytes, sizeAt }: StreamHeader,
  size: { width: number; height: number },
  pieces: readonly Uint8Array[],
): Uint8Array {
  const header = Uint8Array.from(bytes);
  const view = dataViewOf(header);
  view.setUint16(sizeAt, size.height);
  view.setUint16(sizeAt + 2, size.width);
  const parted = pieces.flatMap((piece, i) => (i === 0 ? [piece] : [Uint8Array.of(0xff, 0xd0 + ((i - 1) % 8)), piece]));
  return joinBytes([header, ...parted, Uint8Array.of(0xff, 0xd9)]);
}
