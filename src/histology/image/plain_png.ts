/**
 * Reads PNG files in the form of the published patches: 8-bit RGB, not interlaced, one block of image data. It judges no
 * other file: those, and all that is not sound, are decode.ts's to read or refuse.
 */
import { inflateSync } from "node:zlib";
import { decode } from "fast-png";
import type { RgbImage } from "./rgb.ts";

/** Larger pictures are left to the codec, whose threads let the program go on meanwhile. */
const MAX_PIXELS = 1 << 20;
const CHANNELS = 3;
/** The signature, and the length and type of the header. */
const START = Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", "latin1");
/** What the header says after width and height: 8 bits, RGB, deflate, the five filters, not interlaced. */
const PLAIN = Buffer.from([8, 2, 0, 0, 0]);
/** Where the chunk behind the header starts. */
const HEADER_END = 33;
/** Length and type of the chunks that say nothing of the pixels: the time of the last change, the pixels' size. */
const SILENT_CHUNKS = ["\0\0\0\x07tIME", "\0\0\0\x09pHYs"].map((text) => Buffer.from(text, "latin1"));
const END = Buffer.from("\0\0\0\0IEND\xae\x42\x60\x82", "latin1");
/** Length, type and check sum of a chunk. */
const FRAME_BYTES = 12;
/** Deflate refers back this far at most. */
const MAX_WINDOW_BYTES = 1 << 15;

/** The picture, or undefined where the file is not a plain PNG or not whole in every check sum. */
export function decodePlainPng(input: Uint8Array): RgbImage | undefined {
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  const stream = imageData(bytes);
  if (!stream) return undefined;
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  if (width === 0 || height === 0 || width * height > MAX_PIXELS) return undefined;
  try {
    if (!isWhole(stream, height * (1 + width * CHANNELS))) return undefined;
    const { data } = decode(bytes, { checkCrc: true });
    return data instanceof Uint8Array ? { width, height, data } : undefined;
  } catch {
    return undefined;
  }
}

/** The image data of a file that holds nothing but a plain header, silent chunks, one block of image data and the end. */
function imageData(bytes: Buffer): Buffer | undefined {
  if (!bytes.subarray(0, START.length).equals(START) || !bytes.subarray(24, 29).equals(PLAIN)) return undefined;
  let start = HEADER_END;
  for (const chunk of SILENT_CHUNKS) {
    if (bytes.subarray(start, start + 8).equals(chunk)) start += FRAME_BYTES + chunk.readUInt32BE(0);
  }
  if (bytes.toString("latin1", start + 4, start + 8) !== "IDAT") return undefined;
  const length = bytes.readUInt32BE(start);
  if (bytes.length !== start + FRAME_BYTES + length + END.length || !bytes.subarray(-END.length).equals(END)) {
    return undefined;
  }
  return bytes.subarray(start + 8, start + 8 + length);
}

/**
 * Whether a zlib stream has the expected length, its check sum and nothing behind it, which the decoder does not ask.
 * @throws Error where the stream is damaged or longer.
 */
function isWhole(stream: Buffer, expectedBytes: number): boolean {
  if (stream.length < 2) return false;
  // Strict decoders refuse references that reach beyond the window that the stream declares; here none can.
  const windowBytes = 1 << ((stream[0]! >> 4) + 8);
  if (windowBytes < Math.min(expectedBytes, MAX_WINDOW_BYTES)) return false;
  const options = { info: true, maxOutputLength: expectedBytes, chunkSize: Math.max(expectedBytes, 64) };
  // With `info`, the types do not tell, an object with the engine comes back.
  const { buffer, engine } = inflateSync(stream, options) as unknown as {
    buffer: Buffer;
    engine: { bytesWritten: number };
  };
  return buffer.length === expectedBytes && engine.bytesWritten === stream.length;
}
