/**
 * Reads a slide at any scale by averaging the pixels of the nearest finer level. scale.ts chooses the scale for
 * patches.
 */
import type { Region } from "../image/region.ts";
import type { RgbImage } from "../image/rgb.ts";
import type { Slide } from "./slide.ts";

/** Width and height of the pieces in which a level is read. A piece is skipped if the file has no pixels for it. */
const PIECE_PIXELS = 2048;
const WHITE = 255;
/** Level sizes are rounded, so a level that is 0.1 % coarser than requested is accepted. */
const TOLERANCE = 1e-3;

/** The coarsest level with at least the requested detail; level 0 if no other level has that detail. */
export function levelFor({ levels }: Pick<Slide, "levels">, scale: number): number {
  const finer = levels.findLastIndex(({ downsample }) => downsample <= scale * (1 + TOLERANCE));
  return Math.max(finer, 0);
}

/**
 * Reads a region of the slide at a scale of `scale` pixels of level 0 per pixel. Each result pixel is the mean of the
 * level's pixels that it covers, weighted by the covered area (area averaging). If the level is coarser than requested,
 * its pixels are interpolated. If the level has exactly this scale, its pixels are returned unchanged.
 * @param region in pixels of the requested scale; it may begin at a fractional position. Areas outside the slide are
 * white.
 */
export async function readScaled(slide: Slide, scale: number, region: Region): Promise<RgbImage> {
  const level = levelFor(slide, scale);
  const factor = scale / slide.levels[level]!.downsample;
  const { x, y } = region;
  if (factor === 1 && Number.isInteger(x) && Number.isInteger(y)) return slide.readRegion(level, region);
  const source = {
    read: (part: Region) => slide.readRegion(level, part),
    isBlank: (part: Region) => slide.isBlank(level, part),
  };
  return readAveraged(source, factor, region);
}

/** A level to average: its pixels, and the areas known to be empty. */
interface Source {
  read(region: Region): Promise<RgbImage>;
  isBlank(region: Region): boolean;
}

/** Reads a region whose pixels are `factor` source pixels wide. Areas without source pixels are not read. */
export async function readAveraged(source: Source, factor: number, region: Region): Promise<RgbImage> {
  const { x, y, width, height } = region;
  const image: RgbImage = { width, height, data: new Uint8Array(width * height * 3).fill(WHITE) };
  const atATime = Math.max(1, Math.floor(PIECE_PIXELS / Math.max(factor, 1)));
  const pieces = piecesOf(width, atATime).map(({ first, count }) => ({
    first,
    columns: weightsOf(x + first, count, factor),
  }));
  for (const { first, count } of piecesOf(height, atATime)) {
    const rows = weightsOf(y + first, count, factor);
    for (const { first: left, columns } of pieces) {
      const part = { x: columns.start, y: rows.start, width: columns.length, height: rows.length };
      if (source.isBlank(part)) continue;
      average(await source.read(part), columns, rows, image, { left, top: first });
    }
  }
  return image;
}

/** Divides a length into pieces of at most `most`. */
function piecesOf(length: number, most: number): { first: number; count: number }[] {
  return Array.from({ length: Math.ceil(length / most) }, (_, i) => ({
    first: i * most,
    count: Math.min(most, length - i * most),
  }));
}

/**
 * For each target pixel along one axis: its first source pixel, and the weights of the source pixels from there on.
 */
interface Weights {
  /** The range of source pixels needed: `length` pixels from `start`. */
  readonly start: number;
  readonly length: number;
  /** [targets] The first source pixel, relative to `start`. */
  readonly firsts: Int32Array;
  /** [targets, most] Weights; they add up to 1 per target. */
  readonly shares: Float64Array;
  readonly most: number;
}

function weightsOf(first: number, count: number, factor: number): Weights {
  const span = Math.max(factor, 1);
  const most = Math.ceil(span) + 1;
  const lows = Float64Array.from({ length: count }, (_, index) => (first + index + 0.5) * factor - span / 2);
  const start = Math.floor(lows[0]!);
  const firsts = Int32Array.from(lows, (low) => Math.floor(low) - start);
  const shares = new Float64Array(count * most);
  for (const [target, low] of lows.entries()) {
    for (let k = 0; k < most; k++) {
      const pixel = start + firsts[target]! + k;
      const covered = Math.min(pixel + 1, low + span) - Math.max(pixel, low);
      shares[target * most + k] = Math.max(covered, 0) / span;
    }
  }
  return { start, length: firsts.at(-1)! + most, firsts, shares, most };
}

/** For each target row, first averages the source rows into one line, then averages along that line. */
function average(
  { width, data }: RgbImage,
  columns: Weights,
  rows: Weights,
  into: RgbImage,
  { left, top }: { left: number; top: number },
): void {
  const line = new Float64Array(width * 3);
  const lineBytes = columns.firsts.length * 3;
  for (const [row, first] of rows.firsts.entries()) {
    line.fill(0);
    for (let k = 0; k < rows.most; k++) {
      const share = rows.shares[row * rows.most + k]!;
      if (share > 0) addLine(line, data.subarray((first + k) * line.length, (first + k + 1) * line.length), share);
    }
    const target = ((top + row) * into.width + left) * 3;
    averageLine(line, columns, into.data.subarray(target, target + lineBytes));
  }
}

function addLine(line: Float64Array, source: Uint8Array, share: number): void {
  for (let i = 0; i < line.length; i++) line[i]! += share * source[i]!;
}

/** Rounds to the nearest integer: 0.5 is added, and storing a byte truncates. */
function averageLine(source: Float64Array, { firsts, shares, most }: Weights, into: Uint8Array): void {
  for (let target = 0; target < firsts.length; target++) {
    let red = 0.5;
    let green = 0.5;
    let blue = 0.5;
    let at = firsts[target]! * 3;
    for (let k = target * most; k < (target + 1) * most; k++, at += 3) {
      const share = shares[k]!;
      red += share * source[at]!;
      green += share * source[at + 1]!;
      blue += share * source[at + 2]!;
    }
    into[target * 3] = red;
    into[target * 3 + 1] = green;
    into[target * 3 + 2] = blue;
  }
}
