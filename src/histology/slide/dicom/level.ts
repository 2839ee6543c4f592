/** A level of a DICOM slide: the frames of one file, or of several files that form one level, as a grid of tiles. */
import { messageOf, UserError } from "../../../util/errors.ts";
import { counted } from "../../../util/numbers.ts";
import type { TiledLevel } from "../tiled.ts";
import { codingOf } from "./decode.ts";
import type { DataSet } from "./elements.ts";
import { frameReader } from "./frames.ts";
import { damaged, type Instance, unread } from "./instance.ts";
import { TAG } from "./tags.ts";

/** A frame: the index of its file and its index in that file, both from 0. */
interface Frame {
  readonly part: number;
  readonly index: number;
}

/** @throws UserError if a part is missing, damaged or of an unsupported kind. */
export async function dicomLevel(parts: readonly [Instance, ...Instance[]]): Promise<TiledLevel> {
  const ordered = inOrder(parts);
  const [first] = ordered;
  const { width, height, tileWidth, tileHeight } = first;
  const across = Math.ceil(width / tileWidth);
  const decoders = ordered.map(codingOf);
  const readers = await Promise.all(ordered.map(frameReader));
  const frameOf = await framesByTile(ordered, across, across * Math.ceil(height / tileHeight));
  const readTile: TiledLevel["readTile"] = async (column, row) => {
    const frame = frameOf(row * across + column);
    if (!frame) return undefined;
    const { file } = ordered[frame.part]!;
    const place = `Frame ${frame.index + 1} of ${file.path}`;
    try {
      const bytes = await readers[frame.part]!(frame.index);
      const tile = await decoders[frame.part]!(ordered[frame.part]!, bytes, place);
      if (tile.width === tileWidth && tile.height === tileHeight) return tile;
      throw new Error(`it has ${tile.width} x ${tile.height} pixels, not ${tileWidth} x ${tileHeight}`);
    } catch (error) {
      if (error instanceof UserError) throw error;
      throw new UserError("slide-damaged", `${place} is damaged (${messageOf(error)}): restore the slide.`);
    }
  };
  return { width, height, tileWidth, tileHeight, readTile };
}

/** Sorts the files of a concatenation by their first frames. None may be missing. */
function inOrder(parts: readonly [Instance, ...Instance[]]): readonly [Instance, ...Instance[]] {
  const ordered = parts.toSorted((a, b) => firstFrame(a) - firstFrame(b)) as [Instance, ...Instance[]];
  const [first] = ordered;
  let next = 0;
  for (const part of ordered) {
    const same = (["width", "height", "tileWidth", "tileHeight"] as const).every((size) => part[size] === first[size]);
    if (!same) throw damaged(part.file, `its sizes differ from those of ${first.file.path}, of the same level`);
    if (firstFrame(part) !== next) throw missingPart(part, next);
    next += part.frames;
  }
  const expected = first.concatenation?.parts;
  if (expected !== undefined && ordered.length !== expected) throw missingPart(first, next);
  return ordered;
}

const firstFrame = ({ concatenation }: Instance): number => concatenation?.first ?? 0;

function missingPart({ file, concatenation }: Instance, frame: number): UserError {
  const count = concatenation?.parts === undefined ? "" : ` of ${counted(concatenation.parts, "file")}`;
  return new UserError(
    "slide-incomplete",
    `${file.path} is a part of a level${count}, and the part from frame ${frame + 1} on is not in its folder: copy all files there.`,
  );
}

/** Returns a function that finds the frame of a tile; undefined if the file has no frame for it. */
async function framesByTile(
  parts: readonly Instance[],
  across: number,
  tiles: number,
): Promise<(tile: number) => Frame | undefined> {
  const starts = parts.map(firstFrame);
  const locate = (frame: number): Frame => {
    const part = starts.findLastIndex((start) => start <= frame);
    return { part, index: frame - starts[part]! };
  };
  if (parts.every(({ positions }) => positions !== undefined)) {
    const frames = await sparseFrames(parts, across, tiles);
    return (tile) => (frames[tile] === 0 ? undefined : locate(frames[tile]! - 1));
  }
  const count = parts.reduce((sum, { frames }) => sum + frames, 0);
  if (count !== tiles) throw damaged(parts[0]!.file, `it has ${count} frames for ${counted(tiles, "tile")}`);
  return locate;
}

/** [tiles] The frame number of each tile, from 1; 0 if it has no frame. */
async function sparseFrames(parts: readonly Instance[], across: number, tiles: number): Promise<Uint32Array> {
  if (tiles > MOST_TILES) throw damaged(parts[0]!.file, `it states ${counted(tiles, "tile")}`);
  const found = new Uint32Array(tiles);
  for (const part of parts) {
    let frame = firstFrame(part);
    for await (const groups of part.header.reader.items(part.positions!)) {
      const tile = await tileOf(part, groups, across);
      if (tile >= tiles || found[tile] !== 0) {
        throw unread(part.file, "with two frames at one place, or one outside, which is not read");
      }
      found[tile] = ++frame;
    }
    const described = frame - firstFrame(part);
    if (described !== part.frames) throw damaged(part.file, `it places ${described} of its ${part.frames} frames`);
  }
  return found;
}

const MOST_TILES = 1 << 24;

/** The tile index of a frame. Its stated position counts pixels from 1 and must fit the grid. */
async function tileOf(part: Instance, groups: DataSet, across: number): Promise<number> {
  const { file, header, tileWidth, tileHeight } = part;
  const sequence = groups.get(TAG.planePosition);
  if (!sequence) throw damaged(file, "a frame has no position");
  for await (const plane of header.reader.items(sequence)) {
    const [x, y] = [TAG.columnPosition, TAG.rowPosition].map((tag) => (plane.get(tag)?.value?.readInt32LE() ?? 0) - 1);
    const [column, row] = [x! / tileWidth, y! / tileHeight];
    if (Number.isInteger(column) && Number.isInteger(row) && column >= 0 && row >= 0 && column < across) {
      return row * across + column;
    }
    throw unread(file, "whose frames do not lie in a grid, which is not read");
  }
  throw damaged(file, "a frame has no position");
}
