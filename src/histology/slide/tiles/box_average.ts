/** Averages squares of whole pixels: the same numbers as resample.ts, several times faster. */
import type { Region } from "../../image/region.ts";
import type { RgbImage } from "../../image/rgb.ts";
import { levelFor, readScaled } from "../resample.ts";
import type { Slide } from "../slide.ts";

/** Reads a region as `readScaled` does. */
export async function readForOverview(slide: Slide, scale: number, region: Region): Promise<RgbImage> {
  const level = levelFor(slide, scale);
  const factor = scale / slide.levels[level]!.downsample;
  if (!Number.isInteger(factor)) return readScaled(slide, scale, region);
  const { x, y, width, height } = region;
  const whole = { x: x * factor, y: y * factor, width: width * factor, height: height * factor };
  return boxAverage(await slide.readRegion(level, whole), factor);
}

/** Sums of this many bytes fit into 16 bits. */
const MOST_SUMMED = 257;

/** The mean of each square of `factor` x `factor` pixels, rounded to the nearest integer. */
export function boxAverage(image: RgbImage, factor: number): RgbImage {
  const [width, height] = [image.width / factor, image.height / factor];
  const data = new Uint8Array(width * height * 3);
  const lineBytes = image.width * 3;
  const line = new Int32Array(lineBytes);
  const area = factor * factor;
  const areWords = factor <= MOST_SUMMED && lineBytes % 4 === 0 && image.data.byteOffset % 4 === 0;
  for (let row = 0; row < height; row++) {
    const start = row * factor * lineBytes;
    if (areWords) sumWords(line, image.data, start, factor);
    else sumBytes(line, image.data, start, factor);
    for (let column = 0, from = 0, to = row * width * 3; column < width; column++, to += 3) {
      let [red, green, blue] = [0, 0, 0];
      for (let k = 0; k < factor; k++, from += 3) {
        red += line[from]!;
        green += line[from + 1]!;
        blue += line[from + 2]!;
      }
      data[to] = red / area + 0.5;
      data[to + 1] = green / area + 0.5;
      data[to + 2] = blue / area + 0.5;
    }
  }
  return { width, height, data };
}

/** Sums the bytes of some lines, each of the length of `sums`. */
function sumBytes(sums: Int32Array, bytes: Uint8Array, start: number, lines: number): void {
  sums.fill(0);
  for (let k = 0, at = start; k < lines; k++, at += sums.length) {
    for (let i = 0; i < sums.length; i++) sums[i] = sums[i]! + bytes[at + i]!;
  }
}

/** The same, four bytes at a time: two sums of 16 bits in each of two numbers. */
function sumWords(sums: Int32Array, bytes: Uint8Array, start: number, lines: number): void {
  const across = sums.length / 4;
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset + start, across * lines);
  for (let i = 0; i < across; i++) {
    let [even, odd] = [0, 0];
    for (let at = i; at < words.length; at += across) {
      const word = words[at]!;
      even = (even + (word & 0xff00ff)) | 0;
      odd = (odd + ((word >>> 8) & 0xff00ff)) | 0;
    }
    // The machines that are supported are little-endian.
    sums[4 * i] = even & 0xffff;
    sums[4 * i + 1] = odd & 0xffff;
    sums[4 * i + 2] = even >>> 16;
    sums[4 * i + 3] = odd >>> 16;
  }
}
