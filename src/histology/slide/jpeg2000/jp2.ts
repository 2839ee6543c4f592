/** Finds the codestream in the boxes of a JP2 file (ISO 15444-1, annex I), and its colour space. */
import { dataViewOf, latin1, latin1Bytes, startsWith } from "../../../util/bytes.ts";

const SIGNATURE = [0, 0, 0, 12, ...latin1Bytes("jP  ")];
const BOX_HEADER_BYTES = 8;
const ENUMERATED = 1;
/** The colour space by EnumCS value. */
const COLOURS: Readonly<Record<number, "rgb" | "grey" | "ycbcr">> = { 16: "rgb", 17: "grey", 18: "ycbcr" };

export interface Jp2Codestream {
  readonly bytes: Uint8Array;
  /** Whether the colour box states YCbCr; undefined if there is no such box. */
  readonly ycbcr: boolean | undefined;
}

/**
 * Returns the codestream of a JP2 file. Other data is assumed to be a bare codestream.
 * @throws Error if it is a JP2 file without a codestream, or of an unsupported kind, for example with a palette.
 */
export function codestreamOf(bytes: Uint8Array): Jp2Codestream {
  if (!startsWith(bytes, SIGNATURE)) return { bytes, ycbcr: undefined };
  let ycbcr: boolean | undefined;
  for (const { type, content } of boxes(bytes)) {
    if (type === "jp2c") return { bytes: content, ycbcr };
    if (type === "jp2h") ycbcr = isYcbcr(content);
  }
  throw new Error("it is a JP2 file without a codestream");
}

function isYcbcr(header: Uint8Array): boolean | undefined {
  let ycbcr: boolean | undefined;
  for (const { type, content } of boxes(header)) {
    if (type === "pclr" || (type === "cdef" && !isInOrder(content)))
      throw new Error("it is a JP2 file with a palette or channels in another order");
    if (type !== "colr" || ycbcr !== undefined || content.length < 7 || content[0] !== ENUMERATED) continue;
    const space = dataViewOf(content).getUint32(3);
    const colours = COLOURS[space];
    if (colours === undefined) throw new Error(`it is a JP2 file in colour space ${space}`);
    ycbcr = colours === "ycbcr";
  }
  return ycbcr;
}

/**
 * Whether each channel is a colour in its default position. The box contains the number of channels, then for each the
 * channel, its type (0 is colour) and its position from 1.
 */
function isInOrder(definitions: Uint8Array): boolean {
  const view = dataViewOf(definitions);
  for (let at = 2; at + 6 <= definitions.length; at += 6) {
    const [channel, kind, place] = [0, 2, 4].map((offset) => view.getUint16(at + offset)) as [number, number, number];
    if (kind !== 0 || place !== channel + 1) return false;
  }
  return true;
}

/** Iterates over consecutive boxes. Length 0 means up to the end. Length 1 means that a 64-bit length follows. */
function* boxes(bytes: Uint8Array): Generator<{ type: string; content: Uint8Array }> {
  const view = dataViewOf(bytes);
  for (let at = 0; at + BOX_HEADER_BYTES <= bytes.length; ) {
    const stated = view.getUint32(at);
    const type = latin1(bytes, at + 4, at + 8);
    const long = stated === 1 && at + 16 <= bytes.length;
    const header = long ? 16 : BOX_HEADER_BYTES;
    const length = long ? Number(view.getBigUint64(at + 8)) : stated === 0 ? bytes.length - at : stated;
    if (!(length >= header && at + length <= bytes.length)) throw new Error("it is a damaged JP2 file");
    yield { type, content: bytes.subarray(at + header, at + length) };
    at += length;
  }
}
