/**
 * Handles tiles that are missing from a level in the file. As in OpenSlide, they are filled from the next finer level.
 * If no finer level has them, they are white. Both kinds are counted.
 */
import type { Region } from "../image/region.ts";
import type { RgbImage } from "../image/rgb.ts";
import { readAveraged } from "./resample.ts";
import type { Gaps, Slide } from "./slide.ts";
import type { TiledLevel } from "./tiled.ts";

/** The states of a tile. */
const UNKNOWN = 0;
const PRESENT = 1;
const FILLED = 2;
const ABSENT = 3;

/** The range of tiles that a region touches. `right` and `bottom` are exclusive. */
interface Span {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/**
 * Returns the slide with its gaps filled and counted.
 * @param slide its levels are white where tiles are missing.
 * @param levels the slide's levels in the same order, finest first.
 */
export function withFilledGaps(slide: Slide, levels: readonly TiledLevel[]): Slide {
  const known = levels.map(({ isAbsent, ...level }) =>
    isAbsent ? new Uint8Array(tilesAcross(level) * tilesDown(level)) : undefined,
  );
  const ratio = (index: number) => slide.levels[index]!.downsample / slide.levels[index - 1]!.downsample;

  const stateOf = (index: number, column: number, row: number): number => {
    const [level, states] = [levels[index]!, known[index]];
    if (!states) return PRESENT;
    const tile = row * tilesAcross(level) + column;
    if (states[tile] === UNKNOWN) states[tile] = level.isAbsent!(column, row) ? gapAt(index, column, row) : PRESENT;
    return states[tile]!;
  };
  const gapAt = (index: number, column: number, row: number): number => {
    if (index === 0) return ABSENT;
    const finer = scaledUp(tileRegion(levels[index]!, column, row), ratio(index));
    return isBlank(index - 1, finer) ? ABSENT : FILLED;
  };
  const isBlank = (index: number, region: Region): boolean => {
    if (!known[index]) return false;
    const span = touched(levels[index]!, region);
    for (let row = span.top; row < span.bottom; row++) {
      for (let column = span.left; column < span.right; column++) {
        if (stateOf(index, column, row) !== ABSENT) return false;
      }
    }
    return true;
  };

  const readRegion = async (index: number, region: Region): Promise<RgbImage> => {
    const image = await slide.readRegion(index, region);
    const [level, span] = [levels[index]!, touched(levels[index]!, region)];
    const finer = {
      read: (part: Region) => readRegion(index - 1, part),
      isBlank: (part: Region) => isBlank(index - 1, part),
    };
    for (let row = span.top; known[index] && row < span.bottom; row++) {
      for (let column = span.left; column < span.right; column++) {
        if (stateOf(index, column, row) !== FILLED) continue;
        const part = common(tileRegion(level, column, row), region);
        lay(await readAveraged(finer, ratio(index), part), part, image, region);
      }
    }
    return image;
  };

  const counted = new Map<number, Gaps>();
  const gapsOf = (index: number): Gaps => {
    const gaps = counted.get(index) ?? countGaps(levels[index]!, (column, row) => stateOf(index, column, row));
    counted.set(index, gaps);
    return gaps;
  };
  return { ...slide, readRegion, isBlank, gapsOf };
}

const tilesAcross = ({ width, tileWidth }: Pick<TiledLevel, "width" | "tileWidth">): number =>
  Math.ceil(width / tileWidth);
const tilesDown = ({ height, tileHeight }: Pick<TiledLevel, "height" | "tileHeight">): number =>
  Math.ceil(height / tileHeight);

function countGaps(level: TiledLevel, stateOf: (column: number, row: number) => number): Gaps {
  const counts = [0, 0, 0, 0];
  for (let row = 0; row < tilesDown(level); row++) {
    for (let column = 0; column < tilesAcross(level); column++) counts[stateOf(column, row)]!++;
  }
  const [, present, filled, absent] = counts as [number, number, number, number];
  return { tiles: present + filled + absent, filled, absent };
}

/** The part of a tile that is inside the level. */
function tileRegion({ width, height, tileWidth, tileHeight }: TiledLevel, column: number, row: number): Region {
  const [x, y] = [column * tileWidth, row * tileHeight];
  return { x, y, width: Math.min(tileWidth, width - x), height: Math.min(tileHeight, height - y) };
}

function touched(level: TiledLevel, { x, y, width, height }: Region): Span {
  return {
    left: Math.max(0, Math.floor(x / level.tileWidth)),
    right: Math.min(tilesAcross(level), Math.ceil((x + width) / level.tileWidth)),
    top: Math.max(0, Math.floor(y / level.tileHeight)),
    bottom: Math.min(tilesDown(level), Math.ceil((y + height) / level.tileHeight)),
  };
}

function scaledUp({ x, y, width, height }: Region, factor: number): Region {
  const [left, top] = [Math.floor(x * factor), Math.floor(y * factor)];
  const [right, bottom] = [Math.ceil((x + width) * factor), Math.ceil((y + height) * factor)];
  return { x: left, y: top, width: right - left, height: bottom - top };
}

function common(a: Region, b: Region): Region {
  const [x, y] = [Math.max(a.x, b.x), Math.max(a.y, b.y)];
  const [right, bottom] = [Math.min(a.x + a.width, b.x + b.width), Math.min(a.y + a.height, b.y + b.height)];
  return { x, y, width: right - x, height: bottom - y };
}

/** Copies a part of a level into the picture of a region that contains it. */
function lay({ data }: RgbImage, part: Region, image: RgbImage, region: Region): void {
  for (let row = 0; row < part.height; row++) {
    const target = ((part.y - region.y + row) * region.width + part.x - region.x) * 3;
    image.data.set(data.subarray(row * part.width * 3, (row + 1) * part.width * 3), target);
  }
}
