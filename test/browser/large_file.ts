/** A slide in a file of 2.2 GB that takes little room: only a smaller level has content, the rest is a hole. */
import { truncateSync, writeFileSync } from "node:fs";
import { deflateSync } from "node:zlib";
import { renderSlide } from "../../src/histology/synthetic/slide.ts";
import { cut } from "../histology/slide/support/pictures.ts";
import { type Tag, tiffFile, tiledPicture } from "../histology/slide/support/tiff_file.ts";

const TILE = 256;
/** The side of the smaller level, of which tissue covers one corner. */
const SMALL_SIDE = 3400;
/** Level 0 has so many times the side of the smaller level, and this size per pixel in micrometres. */
const RATIO = 8;
const MICRONS = 0.5;
const TILE_BYTES = TILE * TILE * 3;

/** @returns the number of bytes of the file, and of the part that has content */
export function writeLargeFile(path: string): { readonly bytes: number; readonly content: number } {
  // At 4 micrometres per pixel, as the smaller level has, a patch of 50 pixels is 200 micrometres wide.
  const tissue = renderSlide({ seed: 9, caseId: "large file", columns: 20, rows: 20, idcShare: 0.4 });
  const across = Math.ceil(SMALL_SIDE / TILE);
  const tiles = Array.from({ length: across ** 2 }, (_, i) => {
    const place = { x: (i % across) * TILE, y: Math.floor(i / across) * TILE, width: TILE, height: TILE };
    return deflateSync(cut(tissue, place).data);
  });
  const side = SMALL_SIDE * RATIO;
  const count = Math.ceil(side / TILE) ** 2;
  const perCentimetre = Math.round(10_000 / MICRONS);
  const more = (start: number): Tag[] => [
    { tag: 282, type: "rational", values: [perCentimetre, 1] },
    { tag: 283, type: "rational", values: [perCentimetre, 1] },
    { tag: 296, type: "short", values: [3] },
    { tag: 324, type: "long8", values: Array.from({ length: count }, (_, i) => start + i * TILE_BYTES) },
    { tag: 325, type: "long", values: Array<number>(count).fill(TILE_BYTES) },
  ];
  const fileFrom = (start: number) =>
    tiffFile(
      [
        tiledPicture({ width: side, height: side, tile: TILE, tiles: [], more: more(start) }),
        tiledPicture({ width: SMALL_SIDE, height: SMALL_SIDE, tile: TILE, tiles, compression: 8, reduced: true }),
      ],
      { big: true },
    );
  const content = fileFrom(1).length;
  writeFileSync(path, fileFrom(content));
  const bytes = content + count * TILE_BYTES;
  truncateSync(path, bytes);
  return { bytes, content };
}
