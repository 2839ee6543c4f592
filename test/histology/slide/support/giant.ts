/** A slide of 100,000 x 100,000 pixels in a small file: its tiles share four compressed ones. */
import { deflateSync } from "node:zlib";
import { smoothPicture } from "./pictures.ts";
import { tiffFile, tiledPicture } from "./tiff_file.ts";

export const SIDE = 100_000;
export const TILE = 256;

/** Tile (column, row) of any level has the pixels of kind (column + 2 row) modulo 4. */
export const KINDS = [0, 1, 2, 3].map((kind) => smoothPicture(TILE, TILE).data.map((value) => value ^ (kind * 64)));

export function giantSlide(): Buffer {
  const packed = KINDS.map((pixels) => deflateSync(pixels));
  const sides = Array.from({ length: 9 }, (_, level) => Math.floor(SIDE / 2 ** level));
  const directories = sides.map((side, level) => {
    const across = Math.ceil(side / TILE);
    const tiles = Array.from(
      { length: across * across },
      (_, i) => packed[((i % across) + 2 * Math.floor(i / across)) % 4]!,
    );
    return tiledPicture({ width: side, height: side, tile: TILE, tiles, compression: 8, reduced: level > 0 });
  });
  return tiffFile(directories, { big: true });
}
