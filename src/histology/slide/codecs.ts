/** The codecs that the formats of slides need. node/codecs.ts and browser/slides have them. */
import type { RgbImage } from "../image/rgb.ts";
import type { SlideFile } from "./file.ts";
import type { TiffCodecs } from "./tiff/codecs.ts";

export interface SlideCodecs extends TiffCodecs {
  /**
   * The size of a PNG, JPEG or WebP file, in pixels, without decoding it.
   * @throws UserError if it is damaged.
   */
  pictureSize(file: SlideFile): Promise<{ readonly width: number; readonly height: number }>;
  /**
   * Decodes a PNG, JPEG or WebP file to the pixels that `decodeImage` gives.
   * @throws UserError if it is damaged, has more pixels, or is of an unsupported kind.
   */
  picture(file: SlideFile, mostPixels: number): Promise<RgbImage>;
}
