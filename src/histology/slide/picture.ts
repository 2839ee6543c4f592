/** Plain pictures as slides of one level: decoded whole when they are opened. */
import sharp from "sharp";
import { messageOf, UserError } from "../../util/errors.ts";
import { decodeImage } from "../image/decode.ts";
import type { SlideFile } from "./file.ts";
import type { SlideFormat } from "./format.ts";
import { tiledSlide } from "./tiled.ts";

/** Decoded at once, they are 300 MB. */
const MAX_PIXELS = 100_000_000;

export const picture: SlideFormat = {
  name: "PNG, JPEG or WebP",

  async recognises({ head }) {
    const text = head.toString("latin1");
    return text.startsWith("\x89PNG\r\n\x1a\n") || text.startsWith("\xff\xd8\xff") || /^RIFF.{4}WEBP/s.test(text);
  },

  async open(file) {
    await requireFewPixels(file);
    const image = await decodeImage(file.path, file.path, MAX_PIXELS);
    const { width, height } = image;
    const level = { width, height, tileWidth: width, tileHeight: height, readTile: async () => image };
    return tiledSlide({ format: picture.name, levels: [level], micronsPerPixel: undefined, close: () => file.close() });
  },
};

async function requireFewPixels({ path }: SlideFile): Promise<void> {
  const { width, height } = await sharp(path, { limitInputPixels: false })
    .metadata()
    .catch((error) => {
      throw new UserError(`${path} is not a readable picture (${messageOf(error).split("\n")[0]}): restore it.`);
    });
  if (width * height <= MAX_PIXELS) return;
  throw new UserError(
    `${path} is a picture of ${width} x ${height} pixels, which is decoded whole, and more than ${MAX_PIXELS / 1e6} million ` +
      "are not: convert it to a tiled TIFF, which is read in parts.",
  );
}
