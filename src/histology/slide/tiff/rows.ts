/**
 * Makes a level of a slide from a TIFF image in uncompressed strips. The offset of each row is known, so the level is
 * read in blocks, whatever the size of its strips.
 */
import { joinBytes } from "../../../util/bytes.ts";
import { messageOf, UserError } from "../../../util/errors.ts";
import { counted, whole } from "../../../util/numbers.ts";
import type { RgbImage } from "../../image/rgb.ts";
import type { TiledLevel } from "../tiled.ts";
import { decoderOf } from "./codecs.ts";
import type { TiffImage } from "./image.ts";
import type { TileSource } from "./level.ts";

/**
 * A block takes 786 KB as RGB. Its width is a multiple of 8, so that blocks with less than 8 bits per pixel begin at
 * whole bytes.
 */
const BLOCK_WIDTH = 2048;
const BLOCK_HEIGHT = 128;
const WHITE = 255;

/** Contiguous bytes of the file. The offset is undefined if they are missing from the file. */
interface Run {
  offset: number | undefined;
  length: number;
}

/** @throws UserError if images of this kind are not supported, or a strip is too short for its rows. */
export function rowLevel({ file, codecs, littleEndian }: TileSource, image: TiffImage): TiledLevel {
  const { width, height, planes, samplesPerPixel, bits, offsets, byteCounts } = image;
  const decode = decoderOf(file.path, image, codecs);
  const rowsPerStrip = image.tileHeight;
  const strips = Math.ceil(height / rowsPerStrip);
  const bitsPerPixel = (planes > 1 ? 1 : samplesPerPixel) * bits[0]!;
  const rowBytes = Math.ceil((width * bitsPerPixel) / 8);
  const [tileWidth, tileHeight] = [Math.min(width, BLOCK_WIDTH), Math.min(height, BLOCK_HEIGHT)];
  requireWholeRows(file.path, image, rowBytes);

  const isRowAbsent = (row: number): boolean => {
    const strip = Math.floor(row / rowsPerStrip);
    for (let plane = 0; plane < planes; plane++) if (byteCounts[plane * strips + strip] === 0) return true;
    return false;
  };
  const rowsOf = (blockRow: number): number[] => {
    const first = blockRow * tileHeight;
    return Array.from({ length: Math.min(tileHeight, height - first) }, (_, i) => first + i);
  };
  const readPlane = async (plane: number, column: number, rows: readonly number[]): Promise<Uint8Array> => {
    const left = Math.floor((column * tileWidth * bitsPerPixel) / 8);
    const length = Math.min(rowBytes - left, Math.ceil((tileWidth * bitsPerPixel) / 8));
    const runs: Run[] = [];
    for (const row of rows) {
      const strip = plane * strips + Math.floor(row / rowsPerStrip);
      const offset = isRowAbsent(row) ? undefined : offsets[strip]! + (row % rowsPerStrip) * rowBytes + left;
      const last = runs.at(-1);
      if (last?.offset !== undefined && last.offset + last.length === offset) last.length += length;
      else runs.push({ offset, length });
    }
    const parts: Uint8Array[] = [];
    for (const { offset, length } of runs) {
      parts.push(offset === undefined ? new Uint8Array(length) : await file.read(offset, length));
    }
    return parts.length === 1 ? parts[0]! : joinBytes(parts);
  };
  const isAbsent = (_: number, row: number): boolean => rowsOf(row).every(isRowAbsent);

  const readTile = async (column: number, row: number): Promise<RgbImage | undefined> => {
    if (isAbsent(column, row)) return undefined;
    const rows = rowsOf(row);
    const place = `The rows from ${rows[0]} on of ${width} x ${height} pixels in ${file.path}`;
    const bytes = await Promise.all(Array.from({ length: planes }, (_, plane) => readPlane(plane, column, rows)));
    const blockWidth = Math.min(tileWidth, width - column * tileWidth);
    const packed = { width: blockWidth, height: rows.length, planes: bytes as [Uint8Array], littleEndian };
    const tile = await decode(packed).catch((error: unknown) => {
      if (error instanceof UserError) throw error;
      throw new UserError("slide-damaged", `${place} are damaged (${messageOf(error)}): restore the slide.`);
    });
    for (const [index, absent] of rows.map(isRowAbsent).entries()) {
      if (absent) tile.data.fill(WHITE, index * blockWidth * 3, (index + 1) * blockWidth * 3);
    }
    return tile;
  };
  return { width, height, tileWidth, tileHeight, isAbsent, readTile };
}

function requireWholeRows(path: string, image: TiffImage, rowBytes: number): void {
  const { height, tileHeight, planes, byteCounts } = image;
  const strips = Math.ceil(height / tileHeight);
  for (let strip = 0; strip < strips * planes; strip++) {
    const rows = Math.min(tileHeight, height - (strip % strips) * tileHeight);
    const bytes = byteCounts[strip]!;
    if (bytes === 0 || bytes >= rows * rowBytes) continue;
    throw new UserError(
      "slide-damaged",
      `${path} is a damaged TIFF file (a strip has ${counted(bytes, "byte")}, but its ${counted(rows, "row")} have ${whole(rows * rowBytes)}): restore it.`,
    );
  }
}
