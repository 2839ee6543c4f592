/**
 * The interface of an open slide: one image at several levels, of which regions can be read. The formats handle files
 * and codecs.
 */
import type { Region } from "../image/region.ts";
import type { RgbImage } from "../image/rgb.ts";

/** One resolution of a slide. */
export interface SlideLevel {
  readonly width: number;
  readonly height: number;
  /** Width of a pixel in pixels of level 0: 1 for level 0, 4.0003 for a level of a quarter of its width. */
  readonly downsample: number;
}

/** The number of tiles missing from a level in the file. */
export interface Gaps {
  /** Total number of tiles in the level. */
  readonly tiles: number;
  /** Tiles filled from a finer level that has them. */
  readonly filled: number;
  /** White tiles, because no level has them. */
  readonly absent: number;
}

/** An open slide, or a region of one. */
export interface Slide {
  /** The format's name, for example "Aperio SVS". */
  readonly format: string;
  /** The levels, largest first. */
  readonly levels: readonly [SlideLevel, ...SlideLevel[]];
  /** Width of a level 0 pixel in micrometres of tissue; undefined if the file does not state it. */
  readonly micronsPerPixel: number | undefined;
  /** The objective's magnification, if the file states it: 20 for 20x. */
  readonly objective?: number | undefined;
  /**
   * Reads the pixels of a region of a level. The region may extend beyond the slide. Areas without pixels in the file
   * are white. Only the tiles touched by the region are read.
   * @throws UserError if the file is damaged there.
   */
  readRegion(level: number, region: Region): Promise<RgbImage>;
  /** Whether the region is known, without reading it, to be white because the file has no pixels for it. */
  isBlank(level: number, region: Region): boolean;
  /** The tiles missing from a level in the file. */
  gapsOf(level: number): Gaps;
  close(): Promise<void>;
}
