/**
 * A level of an NDPI slide: one JPEG stream of the whole image, divided at its restart markers into pieces. A piece is
 * only a few pixels high, so several vertically adjacent pieces are decoded as one tile. This does not change any
 * pixel, because chroma has as many rows as luma.
 */
import { dataViewOf } from "../../../util/bytes.ts";
import { messageOf, UserError } from "../../../util/errors.ts";
import { KIND_BYTES } from "../../image/file_kinds.ts";
import type { RgbImage } from "../../image/rgb.ts";
import { unreadable } from "../../image/unreadable.ts";
import type { SlideCodecs } from "../codecs.ts";
import { wholeJpeg } from "../jpeg.ts";
import type { TiledLevel } from "../tiled.ts";
import type { LevelPlan } from "./level_plan.ts";
import { foundStarts, type PieceStarts } from "./starts.ts";
import { readStreamHeader, type StreamHeader, streamOf } from "./stream.ts";

type Codecs = Pick<SlideCodecs, "jpeg">;

const HEADER_BYTES = 1 << 16;
const TILE_ROWS = 256;
const MOST_TILE_PIXELS = 1 << 24;
const MOST_JPEG_SIDE = 65_500;

/** @throws Error if the level is damaged or of an unsupported kind. */
export async function ndpiLevel(plan: LevelPlan, codecs: Codecs): Promise<TiledLevel> {
  const { file, width, height } = plan;
  const header = readStreamHeader(await file.readAtMost(plan.start, Math.min(HEADER_BYTES, plan.bytes)));
  const fits = width <= MOST_JPEG_SIDE && height <= MOST_JPEG_SIDE;
  if (fits && (header.width !== width || header.height !== height)) {
    throw new Error(`a level of ${width} x ${height} pixels is a JPEG of ${header.width} x ${header.height}`);
  }
  return header.interval === 0 ? wholeLevel(plan, header, codecs) : piecedLevel(plan, header, codecs);
}

/** A small level without restart markers is decoded as a whole. */
function wholeLevel(plan: LevelPlan, header: StreamHeader, codecs: Codecs): TiledLevel {
  const { file, width, height, start, bytes } = plan;
  if (width * height > MOST_TILE_PIXELS) {
    throw new Error(
      `a level of ${width} x ${height} pixels has no marks to restart, and is too large to decode at once`,
    );
  }
  const readTile = async () => {
    const place = `The level of ${width} x ${height} pixels in ${file.path}`;
    return decoded(codecs, await file.read(start, bytes), header, { width, height, place });
  };
  return { width, height, tileWidth: width, tileHeight: height, readTile };
}

function piecedLevel(plan: LevelPlan, header: StreamHeader, codecs: Codecs): TiledLevel {
  const { file, width, height } = plan;
  const { blockWidth, blockHeight, interval } = header;
  const blocks = Math.ceil(width / blockWidth);
  if (blocks % interval !== 0) throw new Error("its restart markers do not divide its rows evenly");
  if (blockHeight > 8) throw new Error("its chroma has half the rows of its luma, which is not read");
  const tileWidth = interval * blockWidth;
  if (tileWidth > MOST_JPEG_SIDE) throw new Error(`its marks to restart are ${tileWidth} pixels apart`);
  const [across, down] = [blocks / interval, Math.ceil(height / blockHeight)];
  const rows = Math.max(1, Math.min(TILE_ROWS, Math.floor(MOST_TILE_PIXELS / 4 / tileWidth)) >> 3);
  const pieces = pieceReader(plan, header, across * down);
  const readTile: TiledLevel["readTile"] = async (column, row) => {
    const count = Math.min(rows, down - row * rows);
    const place = `Tile (${column}, ${row}) of ${width} x ${height} pixels in ${file.path}`;
    const size = { width: tileWidth, height: count * blockHeight };
    try {
      const found: Uint8Array[] = [];
      for (let i = 0; i < count; i++) found.push(await pieces((row * rows + i) * across + column));
      return await decoded(codecs, streamOf(header, size, found), header, { ...size, place });
    } catch (error) {
      if (error instanceof UserError) throw error;
      throw new UserError("slide-damaged", `${place} is damaged (${messageOf(error)}): restore the slide.`);
    }
  };
  return { width, height, tileWidth, tileHeight: rows * blockHeight, readTile };
}

/** Returns a function that reads the data of a piece, without the marker after it. */
function pieceReader(plan: LevelPlan, header: StreamHeader, count: number): (piece: number) => Promise<Uint8Array> {
  const { file, start, bytes } = plan;
  let starts: Promise<PieceStarts> | undefined;
  const most = 2 * 3 * header.interval * header.blockWidth * header.blockHeight + 65_536;
  return async (piece) => {
    starts ??=
      plan.starts.length === count ? Promise.resolve(plan.starts) : foundStarts(plan, header.bytes.length, count);
    const places = await starts;
    const from = places[piece]!;
    const to = piece + 1 < count ? places[piece + 1]! : bytes;
    if (!(from >= header.bytes.length && to - from >= 2 && to <= bytes && to - from <= most)) {
      throw new Error(`its piece ${piece} has no sound place`);
    }
    const found = await file.read(start + from - 2, to - from + 2);
    const view = dataViewOf(found);
    // Restart markers are numbered cyclically from 0 to 7. The first piece follows the header. The end marker follows
    // the last piece.
    if (piece > 0 && view.getUint16(0) !== 0xffd0 + ((piece - 1) % 8))
      throw new Error(`its piece ${piece} follows no mark`);
    const end = piece + 1 < count ? found.length - 2 : endMarkerIn(found);
    const mark = end >= 2 ? view.getUint16(end) : 0;
    if (mark !== (piece + 1 < count ? 0xffd0 + (piece % 8) : 0xffd9))
      throw new Error(`its piece ${piece} ends with no mark`);
    if (piece === 0 && from !== header.bytes.length) throw new Error("its first piece does not follow the header");
    return found.subarray(2, end);
  };
}

/** The offset of the last end marker in bytes, or -1 if the bytes have no end marker. */
function endMarkerIn(bytes: Uint8Array): number {
  let at = bytes.length - 2;
  while (at >= 0 && !(bytes[at] === 0xff && bytes[at + 1] === 0xd9)) at--;
  return Math.max(at, -1);
}

async function decoded(
  codecs: Codecs,
  stream: Uint8Array,
  { colours }: StreamHeader,
  { width, height, place }: { width: number; height: number; place: string },
): Promise<RgbImage> {
  const jpeg = wholeJpeg(stream, undefined, colours.adobe ?? "ycbcr");
  const image = await codecs.jpeg(jpeg, width * height).catch((error) => {
    throw unreadable(place, jpeg.subarray(0, KIND_BYTES), error, width * height);
  });
  if (image.width === width && image.height === height) return image;
  throw new UserError(
    "slide-damaged",
    `${place} has ${image.width} x ${image.height} pixels, not ${width} x ${height}: restore the slide.`,
  );
}
