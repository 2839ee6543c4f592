/** Writes PNG files byte by byte (ISO/IEC 15948), so that tests of the decoder need no codec of their own. */
import { crc32, deflateSync } from "node:zlib";

export interface PngShape {
  width: number;
  height: number;
  /** 0 grey, 2 RGB, 4 grey and alpha, 6 RGB and alpha. */
  colourType: 0 | 2 | 4 | 6;
  bitDepth: 8 | 16;
  /** The filter of every row (0, none); others need RGB of 8 bits. */
  filter?: number;
}

export const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** A PNG of the samples, row by row, in the order of the colour type. */
export function pngOf(
  { width, height, colourType, bitDepth, filter = 0 }: PngShape,
  samples: readonly number[],
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bitDepth, colourType, 0, 0, 0], 8);
  const rowSamples = samples.length / height;
  const rows: Buffer[] = [];
  for (let y = 0; y < height; y++) {
    const row = Buffer.alloc((rowSamples * bitDepth) / 8);
    for (let i = 0; i < rowSamples; i++) {
      const sample = samples[y * rowSamples + i]!;
      if (bitDepth === 8) row.writeUInt8(sample, i);
      else row.writeUInt16BE(sample, 2 * i);
    }
    rows.push(row);
  }
  const filtered = rows.map((row, y) => filterRow(filter, row, rows[y - 1] ?? Buffer.alloc(row.length)));
  const data = deflateSync(Buffer.concat(filtered));
  return Buffer.concat([SIGNATURE, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
}

/** An RGB PNG of one byte a sample. */
export function rgbPng(width: number, height: number, sampleAt: (index: number) => number): Buffer {
  const samples = Array.from({ length: width * height * 3 }, (_, index) => sampleAt(index) & 255);
  return pngOf({ width, height, colourType: 2, bitDepth: 8 }, samples);
}

/** The filter's number and the row's differences from its prediction (section 9 of the standard), for 3 bytes per pixel. */
function filterRow(filter: number, row: Buffer, above: Buffer): Buffer {
  const differences = Array.from(row, (value, i) => {
    const [a, b, c] = [i < 3 ? 0 : row[i - 3]!, above[i]!, i < 3 ? 0 : above[i - 3]!];
    const nearest = [a, b, c].reduce((best, one) =>
      Math.abs(a + b - c - one) < Math.abs(a + b - c - best) ? one : best,
    );
    return value - [0, a, b, Math.floor((a + b) / 2), nearest][filter]!;
  });
  return Buffer.from([filter, ...differences.map((difference) => difference & 255)]);
}

/** A chunk with its length and check sum. */
export function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
