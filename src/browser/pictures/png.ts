/** Decodes PNG files to 8-bit pixels as libvips does: transparent pixels over white, of 16 bits the high byte. */
import { type DecodedPng, decode } from "fast-png";
import { overWhite } from "../../histology/image/flatten.ts";
import type { RgbImage } from "../../histology/image/rgb.ts";

/** The place of the byte that says whether the rows are interlaced. */
const INTERLACE_PLACE = 28;

/** @throws Error if the file is damaged, or of a rare kind that is not read */
export function decodePng(bytes: Uint8Array): RgbImage {
  const png = decode(bytes, { checkCrc: true });
  const { width, height, depth } = png;
  if (depth < 8 && bytes[INTERLACE_PLACE] !== 0) throw new Error("interlaced with fewer than 8 bits");
  if (png.transparency && png.transparency.length > 0) throw new Error("one of its colours is transparent");
  const sampleAt = samplesOf(png);
  const isGrey = png.channels < 3 && !png.palette;
  const hasAlpha = png.channels % 2 === 0;
  const most = depth === 16 ? 0xffff : 0xff;
  const data = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const entry = png.palette?.[sampleAt(pixel, 0)];
    if (png.palette && !entry) throw new Error("a pixel has no colour in the palette");
    const alpha = entry ? (entry[3] ?? most) : hasAlpha ? sampleAt(pixel, png.channels - 1) : most;
    for (let channel = 0; channel < 3; channel++) {
      const sample = entry ? entry[channel]! : sampleAt(pixel, isGrey ? 0 : channel);
      const value = overWhite(sample, alpha, most);
      data[pixel * 3 + channel] = depth === 16 ? value >> 8 : value;
    }
  }
  return { width, height, data };
}

/** Reads one sample of a pixel. Grey values of fewer than 8 bits are spread to 0..255; indices are not. */
function samplesOf({ width, depth, channels, data, palette }: DecodedPng): (pixel: number, channel: number) => number {
  if (depth >= 8) return (pixel, channel) => data[pixel * channels + channel]!;
  const perByte = 8 / depth;
  const rowBytes = Math.ceil(width / perByte);
  const most = 2 ** depth - 1;
  const factor = palette ? 1 : 255 / most;
  return (pixel) => {
    const [row, column] = [Math.floor(pixel / width), pixel % width];
    const byte = data[row * rowBytes + Math.floor(column / perByte)]!;
    return ((byte >> (8 - depth * ((column % perByte) + 1))) & most) * factor;
  };
}
