/** Writes a large slide as scanners do: tiles of 256 pixels in JPEG, levels of 1, 1/4, 1/16 and 1/32 of its size. */
import { closeSync, openSync, writeSync } from "node:fs";
import sharp from "sharp";
import { renderSlide } from "../src/histology/synthetic/slide.ts";
import { cut } from "../test/histology/slide/support/pictures.ts";
import { tiffFile, tiledPicture } from "../test/histology/slide/support/tiff_file.ts";

const TILE = 256;
const SHRINKS = [1, 4, 16, 32];
/** Tissue for so many tiles per side is drawn. The slide repeats it. */
const DRAWN = 8;
const QUALITY = 75;

/** @returns the side of the slide in pixels, and the bytes of each level's tiles */
export async function writeLargeSlide(path: string, bytes: number): Promise<{ side: number; levels: number[] }> {
  const tissue = renderSlide({ seed: 7, caseId: "large", columns: 41, rows: 41, idcShare: 0.3 });
  const jpegs: Buffer[] = [];
  for (let i = 0; i < DRAWN ** 2; i++) {
    const place = { x: (i % DRAWN) * TILE, y: Math.floor(i / DRAWN) * TILE, width: TILE, height: TILE };
    const raw = { width: TILE, height: TILE, channels: 3 } as const;
    jpegs.push(await sharp(cut(tissue, place).data, { raw }).jpeg({ quality: QUALITY }).toBuffer());
  }
  const perTile = jpegs.reduce((sum, { length }) => sum + length, 0) / jpegs.length;
  const share = SHRINKS.reduce((sum, shrink) => sum + 1 / shrink ** 2, 0);
  const side = Math.floor(Math.sqrt(bytes / perTile / share)) * TILE;
  const levels: number[] = [];
  const directories = SHRINKS.map((shrink) => {
    const [own, across] = [Math.floor(side / shrink), Math.ceil(side / shrink / TILE)];
    // Each tile is a buffer of its own, because the writer writes the same buffer once only.
    const tiles = Array.from({ length: across ** 2 }, (_, i) => {
      const [column, row] = [i % across, Math.floor(i / across)];
      return Buffer.from(jpegs[(row % DRAWN) * DRAWN + (column % DRAWN)]!);
    });
    levels.push(tiles.reduce((sum, { length }) => sum + length, 0));
    return tiledPicture({
      width: own,
      height: own,
      tile: TILE,
      tiles,
      compression: 7,
      photometric: 6,
      reduced: shrink > 1,
    });
  });
  const file = openSync(path, "w");
  const whole = tiffFile(directories, { big: true });
  for (let at = 0; at < whole.length; at += 1 << 28) writeSync(file, whole, at, Math.min(1 << 28, whole.length - at));
  closeSync(file);
  return { side, levels };
}
