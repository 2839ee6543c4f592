/** The codecs of slides in Node: libvips with libtiff in sharp's threads, zstd of Node, OpenJPEG in worker threads. */
import { deflateSync, zstdDecompress } from "node:zlib";
import { codec } from "../../image/codec.ts";
import { decodeImage, decodePixels } from "../../image/decode.ts";
import { unreadable } from "../../image/unreadable.ts";
import type { SlideCodecs } from "../codecs.ts";
import { type DecodeTile, damagedTile, type PackedTile } from "../tiff/codecs.ts";
import type { TiffImage } from "../tiff/image.ts";
import { decodeJpeg2000 } from "./jpeg2000.ts";
import { singleTileTiff } from "./single_tile.ts";

const ZSTD = 50000;
const DEFLATE = 8;

const byLibtiff: DecodeTile = async (image, tile) => {
  const unpacked = image.compression === ZSTD ? await withoutZstd(image, tile) : { image, tile };
  try {
    return await decodePixels(singleTileTiff(unpacked.image, unpacked.tile), tile.width * tile.height);
  } catch {
    throw damagedTile(image);
  }
};

/**
 * sharp's libtiff is built without zstd. Node decompresses the data instead. libtiff then gets it as deflate without
 * compression, so that it still reverses the predictor.
 */
async function withoutZstd(image: TiffImage, tile: PackedTile): Promise<{ image: TiffImage; tile: PackedTile }> {
  const samples = image.planes > 1 ? 1 : image.samplesPerPixel;
  const size = Math.ceil((tile.width * samples * image.bits[0]!) / 8) * tile.height;
  const planes = await Promise.all(tile.planes.map((plane) => unzstd(image, plane, size)));
  const stored = planes.map((plane) => deflateSync(plane, { level: 0 })) as [Buffer, ...Buffer[]];
  return { image: { ...image, compression: DEFLATE }, tile: { ...tile, planes: stored } };
}

function unzstd(image: TiffImage, bytes: Uint8Array, size: number): Promise<Buffer> {
  return new Promise((done, fail) => {
    zstdDecompress(bytes, { maxOutputLength: size }, (error, plane) => {
      if (error || plane.length !== size) fail(damagedTile(image));
      else done(plane);
    });
  });
}

export const NODE_CODECS: SlideCodecs = {
  problemOf: () => undefined,
  samples: byLibtiff,
  webp: byLibtiff,
  jpeg: decodePixels,
  jpeg2000: decodeJpeg2000,

  async pictureSize({ path, head }) {
    const sharp = await codec();
    return sharp(path, { limitInputPixels: false })
      .metadata()
      .catch((error) => {
        throw unreadable(path, head, error);
      });
  },

  picture: ({ path }, mostPixels) => decodeImage(path, path, mostPixels),
};
