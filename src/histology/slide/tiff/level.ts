/** Makes a level of a slide from a TIFF image: reads the bytes of a tile and decodes them. */
import { messageOf, UserError } from "../../../util/errors.ts";
import type { RgbImage } from "../../image/rgb.ts";
import type { SlideFile } from "../file.ts";
import type { TiledLevel } from "../tiled.ts";
import { decoderOf, type TiffCodecs } from "./codecs.ts";
import type { TiffImage } from "./image.ts";

/** What reads and decodes the tiles of a file. */
export interface TileSource {
  readonly file: SlideFile;
  readonly codecs: TiffCodecs;
  readonly littleEndian: boolean;
}

/** @throws UserError if images of this kind are not supported. */
export function tiffLevel({ file, codecs, littleEndian }: TileSource, image: TiffImage): TiledLevel {
  const { width, height, tileWidth, tileHeight, planes } = image;
  const decode = decoderOf(file.path, image, codecs);
  const across = Math.ceil(width / tileWidth);
  const tilesOfPlane = across * Math.ceil(height / tileHeight);

  const tilesAt = (column: number, row: number): number[] => {
    const first = row * across + column;
    return Array.from({ length: planes }, (_, plane) => first + plane * tilesOfPlane);
  };
  const isAbsent = (column: number, row: number): boolean =>
    tilesAt(column, row).some((tile) => image.byteCounts[tile] === 0);

  const readTile = async (column: number, row: number): Promise<RgbImage | undefined> => {
    if (isAbsent(column, row)) return undefined;
    const bytes = await Promise.all(
      tilesAt(column, row).map((tile) => file.read(image.offsets[tile]!, image.byteCounts[tile]!)),
    );
    const rows = image.tiled ? tileHeight : Math.min(tileHeight, height - row * tileHeight);
    const place = `Tile (${column}, ${row}) of ${width} x ${height} pixels in ${file.path}`;
    const packed = { width: tileWidth, height: rows, planes: bytes as [Uint8Array, ...Uint8Array[]], littleEndian };
    const tile = await decode(packed).catch((error) => {
      if (error instanceof UserError) throw error;
      throw new UserError("slide-damaged", `${place} is damaged (${messageOf(error)}): restore the slide.`);
    });
    if (tile.width === tileWidth && tile.height === rows) return tile;
    throw new UserError(
      "slide-damaged",
      `${place} has ${tile.width} x ${tile.height} pixels, not ${tileWidth} x ${rows}: restore the slide.`,
    );
  };
  return { width, height, tileWidth, tileHeight, isAbsent, readTile };
}
