/** The codecs of slides in a browser: mozjpeg, libwebp and OpenJPEG in WebAssembly, fast-png, and geotiff.js. */
import { flattened } from "../../histology/image/flatten.ts";
import type { SlideCodecs } from "../../histology/slide/codecs.ts";
import type { SlideFile } from "../../histology/slide/file.ts";
import { type Jpeg2000Order, jpeg2000Decoder } from "../../histology/slide/jpeg2000/unpack.ts";
import { damagedTile } from "../../histology/slide/tiff/codecs.ts";
import { decodeSamples, samplesProblem } from "../../histology/slide/tiff/samples.ts";
import { UserError } from "../../util/errors.ts";
import { oneAfterTheOther } from "../one_after_the_other.ts";
import { decodeJpeg, decodeWebp } from "../pictures/codec.ts";
import { decodePicture, pictureFacts } from "../pictures/decode.ts";
import { pictureFactsOf } from "../pictures/facts.ts";

const unpackJpeg2000 = oneAfterTheOther(
  jpeg2000Decoder(() => new URL("./openjpegwasm_decode.wasm", import.meta.url).href),
);

export const BROWSER_CODECS: SlideCodecs = {
  problemOf: samplesProblem,
  samples: decodeSamples,

  async webp(image, { planes: [bytes], width, height }) {
    try {
      const facts = pictureFactsOf(bytes, "WebP");
      if (facts.width * facts.height > width * height) throw damagedTile(image);
      return flattened(await decodeWebp(bytes));
    } catch (error) {
      throw error instanceof UserError ? error : damagedTile(image);
    }
  },

  async jpeg(bytes, mostPixels) {
    const { width, height } = pictureFactsOf(bytes, "JPEG");
    if (width * height > mostPixels) throw new Error("pixel limit");
    return flattened(await decodeJpeg(bytes));
  },

  async jpeg2000(order: Jpeg2000Order) {
    const answer = await unpackJpeg2000(order);
    if ("problem" in answer) throw new Error(answer.problem);
    return { width: order.width, height: order.height, data: new Uint8Array(answer.rgb.buffer) };
  },

  pictureSize: async (file) => pictureFacts(await whole(file), file.path),
  picture: async (file, mostPixels) => decodePicture(await whole(file), file.path, mostPixels),
};

const whole = (file: SlideFile): Promise<Uint8Array> => file.read(0, file.size);
