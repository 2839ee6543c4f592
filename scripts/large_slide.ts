/** Writes a large slide as scanners do: tiles of 256 pixels in JPEG, levels of 1, 1/4, 1/16 and 1/32 of its size. */
import { closeSync, openSync, writeSync } from "node:fs";
import sharp from "sharp";
import { renderSlide } from "../src/histology/synthetic/slide.ts";
import { cut } from "../test/histology/slide/support/pictures.ts";
import { type Directory, tiffFile, tiledPicture } from "../test/histology/slide/support/tiff_file.ts";

const TILE = 256;
const SHRINKS = [1, 4, 16, 32];
/** Tissue for so many tiles per side is drawn. The slide repeats it. */
const DRAWN = 8;
const QUALITY = 75;

/** @returns the side of the slide in pixels, and the bytes of each level's tiles */
export async function writeLargeSlide(path: string, bytes: number): Promise<{ side: number; levels: number[] }> {
  const jpegs = await drawTiles();
  const perTile = jpegs.reduce((sum, { length }) => sum + length, 0) / jpegs.length;
  const share = SHRINKS.reduce((sum, shrink) => sum + 1 / shrink ** 2, 0);
  const side = Math.floor(Math.sqrt(bytes / perTile / share)) * TILE;
  const levels = SHRINKS.map((shrink) => {
    // Each tile is a buffer of its own, because the writer writes the same buffer once only.
    return tilesOf(jpegs, side, shrink).map((jpeg) => Buffer.from(jpeg));
  });
  write(path, side, levels);
  return { side, levels: levels.map((tiles) => tiles.reduce((sum, { length }) => sum + length, 0)) };
}

/** Writes a slide of `side` x `side` pixels into a small file: every tile of the drawn tissue is in it once. */
export async function writeWideSlide(path: string, side: number): Promise<void> {
  const jpegs = await drawTiles();
  write(
    path,
    side,
    SHRINKS.map((shrink) => tilesOf(jpegs, side, shrink)),
  );
}

async function drawTiles(): Promise<Buffer[]> {
  const tissue = renderSlide({ seed: 7, caseId: "large", columns: 41, rows: 41, idcShare: 0.3 });
  const jpegs: Buffer[] = [];
  for (let i = 0; i < DRAWN ** 2; i++) {
    const place = { x: (i % DRAWN) * TILE, y: Math.floor(i / DRAWN) * TILE, width: TILE, height: TILE };
    const raw = { width: TILE, height: TILE, channels: 3 } as const;
    jpegs.push(await sharp(cut(tissue, place).data, { raw }).jpeg({ quality: QUALITY }).toBuffer());
  }
  return jpegs;
}

/** The tiles of a level, row by row. */
function tilesOf(jpegs: readonly Buffer[], side: number, shrink: number): Buffer[] {
  const across = Math.ceil(side / shrink / TILE);
  return Array.from({ length: across ** 2 }, (_, i) => {
    const [column, row] = [i % across, Math.floor(i / across)];
    return jpegs[(row % DRAWN) * DRAWN + (column % DRAWN)]!;
  });
}

function write(path: string, side: number, levels: readonly (readonly Buffer[])[]): void {
  const directories = levels.map((tiles, level): Directory => {
    const own = Math.floor(side / SHRINKS[level]!);
    const jpeg = { compression: 7, photometric: 6, reduced: level > 0 };
    return tiledPicture({ width: own, height: own, tile: TILE, tiles, ...jpeg });
  });
  const file = openSync(path, "w");
  const whole = tiffFile(directories, { big: true });
  for (let at = 0; at < whole.length; at += 1 << 28) writeSync(file, whole, at, Math.min(1 << 28, whole.length - at));
  closeSync(file);
}
