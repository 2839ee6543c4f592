/** Reads plain pictures as slides with one level. The whole picture is decoded when it is opened. */
import { latin1Bytes } from "../../util/bytes.ts";
import { UserError } from "../../util/errors.ts";
import type { SlideCodecs } from "./codecs.ts";
import type { SlideFile } from "./file.ts";
import type { SlideFormat } from "./format.ts";
import { tiledSlide } from "./tiled.ts";

/** A decoded picture of this size takes 300 MB. */
const MAX_PIXELS = 100_000_000;

/** The first bytes of the files; undefined matches any byte. */
const KINDS: readonly { name: string; start: readonly (number | undefined)[] }[] = [
  { name: "PNG", start: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
  { name: "JPEG", start: [0xff, 0xd8, 0xff] },
  { name: "WebP", start: [...latin1Bytes("RIFF"), ...Array<undefined>(4), ...latin1Bytes("WEBP")] },
];

function kindOf({ head }: SlideFile): string | undefined {
  return KINDS.find(({ start }) => start.every((byte, i) => byte === undefined || byte === head[i]))?.name;
}

export const picture: SlideFormat = {
  name: KINDS.map(({ name }) => name).join(", "),
  extensions: [".png", ".jpg", ".jpeg", ".webp"],

  async recognises(file) {
    return kindOf(file) !== undefined;
  },

  async open(file, codecs) {
    await requireFewPixels(file, codecs);
    const image = await codecs.picture(file, MAX_PIXELS);
    const { width, height } = image;
    const level = { width, height, tileWidth: width, tileHeight: height, readTile: async () => image };
    const close = () => file.close();
    return tiledSlide({ format: kindOf(file)!, levels: [level], micronsPerPixel: undefined, close });
  },
};

async function requireFewPixels(file: SlideFile, codecs: SlideCodecs): Promise<void> {
  const { width, height } = await codecs.pictureSize(file);
  if (width * height <= MAX_PIXELS) return;
  throw new UserError(
    "slide-too-large",
    `${file.path} is a picture of ${width} x ${height} pixels, which is decoded whole, and more than ${MAX_PIXELS / 1e6} million ` +
      "are not: convert it to a tiled TIFF, which is read in parts.",
  );
}
