/** Writes PNG files byte by byte (ISO/IEC 15948), so that tests of the decoder need no codec of their own. */
import { crc32, deflateSync } from "node:zlib";

export interface PngShape {
  width: number;
  height: number;
  /** 0 grey, 2 RGB, 4 grey and alpha, 6 RGB and alpha. */
  colourType: 0 | 2 | 4 | 6;
  bitDepth: 8 | 16;
}

/** A PNG of the samples, row by row, in the order of the colour type. */
export function pngOf({ width, height, colourType, bitDepth }: PngShape, samples: readonly number[]): Buffer {
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
    rows.push(Buffer.from([0]), row);
  }
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(Buffer.concat(rows));
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
}

/** An RGB PNG of one byte a sample. */
export function rgbPng(width: number, height: number, sampleAt: (index: number) => number): Buffer {
  const samples = Array.from({ length: width * height * 3 }, (_, index) => sampleAt(index) & 255);
  return pngOf({ width, height, colourType: 2, bitDepth: 8 }, samples);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
