/** What a slide is to all who read one: levels of one picture, of which regions are read; files and codecs are left to the formats. */
import type { Region } from "../image/region.ts";
import type { RgbImage } from "../image/rgb.ts";

/** One resolution of a slide. */
export interface SlideLevel {
  readonly width: number;
  readonly height: number;
  /** How many pixels of level 0 one pixel is wide: 1 for level 0, 4.0003 for a level of a quarter of its width. */
  readonly downsample: number;
}

/** How many tiles of a level the file leaves out. */
export interface Gaps {
  /** Of the level, all together. */
  readonly tiles: number;
  /** Shown from a finer level, which has them. */
  readonly filled: number;
  /** White, since no level has them. */
  readonly absent: number;
}

/** An open slide, or a region of one. */
export interface Slide {
  /** The format's name, such as "Aperio SVS". */
  readonly format: string;
  /** The largest first. */
  readonly levels: readonly [SlideLevel, ...SlideLevel[]];
  /** Micrometres of tissue that a pixel of level 0 is wide; undefined if the file does not state it. */
  readonly micronsPerPixel: number | undefined;
  /** The objective's magnification, if the file states it: 20 for 20x. */
  readonly objective?: number | undefined;
  /**
   * The pixels of a region of a level. It may reach beyond the slide: what no pixel of the file covers is white. Only the tiles
   * that it touches are read.
   * @throws UserError if the file is damaged there.
   */
  readRegion(level: number, region: Region): Promise<RgbImage>;
  /** Whether it is known, without reading, that the region is white, since the file has no pixel of it. */
  isBlank(level: number, region: Region): boolean;
  /** The tiles that the file leaves out of a level. */
  gapsOf(level: number): Gaps;
  close(): Promise<void>;
}
