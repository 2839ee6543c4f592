/** Slides of one level in small files: their tiles share sixteen. */
import { deflateSync } from "node:zlib";
import { smoothPicture } from "../../support/pictures.ts";
import { tiffFile, tiledPicture } from "../../support/tiff_file.ts";

const TILE = 256;
const KINDS = 16;
const DEFLATE = 8;

/** Uncompressed. @param change is added to the bytes, so that files of the same size differ */
export function flatSlide(width: number, height: number, change = 0): Buffer {
  return tiffFile([tiledPicture({ width, height, tile: TILE, tiles: tilesOf(width, height, kindsOf(change)) })]);
}

/** Compressed; its last tile is damaged. */
export function damagedSlide(width: number, height: number): Buffer {
  const kinds = kindsOf(0).map((kind) => deflateSync(kind));
  const tiles = tilesOf(width, height, kinds);
  const last = Buffer.from(tiles.pop()!);
  const damaged = Buffer.from(last.map((byte, at) => (at > 100 ? byte ^ 0x5a : byte)));
  return tiffFile([tiledPicture({ width, height, tile: TILE, tiles: [...tiles, damaged], compression: DEFLATE })]);
}

function kindsOf(change: number): Buffer[] {
  return Array.from({ length: KINDS }, (_, kind) =>
    Buffer.from(smoothPicture(TILE, TILE).data.map((value) => (value >> 1) + kind * 4 + change)),
  );
}

function tilesOf(width: number, height: number, kinds: readonly Buffer[]): Buffer[] {
  const [across, down] = [Math.ceil(width / TILE), Math.ceil(height / TILE)];
  return Array.from({ length: across * down }, (_, at) => kinds[(at + Math.floor(at / across) * 5) % KINDS]!);
}
