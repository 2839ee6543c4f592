/** The compressions of TIFF tiles that are read, a row each: how a tile's bytes become pixels. */
import { UserError } from "../../../util/errors.ts";
import { decodeImage } from "../../image/decode.ts";
import type { RgbImage } from "../../image/rgb.ts";
import { type JpegColours, wholeJpeg } from "../jpeg.ts";
import { readCodestream } from "../jpeg2000/codestream.ts";
import { decodeJpeg2000 } from "../jpeg2000/decode.ts";
import type { TiffImage } from "./image.ts";
import { singleTileTiff } from "./single.ts";

/** A tile's bytes, and how large it is. */
export interface PackedTile {
  readonly width: number;
  readonly height: number;
  readonly planes: readonly [Buffer, ...Buffer[]];
  readonly littleEndian: boolean;
  /** How errors name it. */
  readonly place: string;
}

interface Codec {
  readonly name: string;
  decode(image: TiffImage, tile: PackedTile): Promise<RgbImage>;
}

const PHOTOMETRIC_COLOURS: Readonly<Record<number, JpegColours>> = { 2: "rgb", 6: "ycbcr" };

const byLibtiff = (name: string): Codec => ({
  name,
  decode: (image, tile) => decodeImage(singleTileTiff(image, tile), tile.place, tile.width * tile.height),
});

/** Sooner than through libtiff, and strict: libtiff passes a tile whose end is missing. */
const jpeg: Codec = {
  name: "JPEG",
  decode: async ({ jpegTables, photometric }, { planes: [bytes], place, width, height }) => {
    const colours = PHOTOMETRIC_COLOURS[photometric] ?? "other";
    return decodeImage(wholeJpeg(bytes, jpegTables, colours), place, width * height);
  },
};

/**
 * Aperio's 33003 has YCbCr. Bio-Formats writes RGB under the same number, with the colour transform of JPEG 2000 itself, which its
 * decoder undoes.
 */
const jpeg2000 = (colours: "rgb" | "ycbcr"): Codec => ({
  name: "JPEG 2000",
  decode: async (_, { planes: [bytes], width, height }) => {
    const isRgb = colours === "rgb" || readCodestream(bytes).transformed;
    return decodeJpeg2000({ bytes, width, height, colours: isRgb ? "rgb" : "ycbcr" });
  },
});

const CODECS: Readonly<Record<number, Codec>> = {
  1: byLibtiff("uncompressed"),
  5: byLibtiff("LZW"),
  7: jpeg,
  8: byLibtiff("deflate"),
  32773: byLibtiff("PackBits"),
  32946: byLibtiff("deflate"),
  33003: jpeg2000("ycbcr"),
  33004: jpeg2000("ycbcr"),
  33005: jpeg2000("rgb"),
  50001: byLibtiff("WebP"),
};

/** @throws UserError where the compression is none that is read. */
export function codecOf(path: string, { compression }: TiffImage): Codec {
  const codec = CODECS[compression];
  if (codec) return codec;
  const names = [...new Set(Object.values(CODECS).map(({ name }) => name))];
  throw new UserError(
    `${path} has TIFF compression ${compression}, but only ${names.join(", ")} are read: convert it to one of them.`,
  );
}
