/** The description of a level in the directory of an NDPI file. */
import type { SlideFile } from "../file.ts";

export interface LevelPlan {
  readonly file: SlideFile;
  readonly width: number;
  readonly height: number;
  /** Offset and length of its JPEG stream in bytes. */
  readonly start: number;
  readonly bytes: number;
  /**
   * The offset of each piece from the start of the stream. Empty or of a different length if the file does not state
   * it.
   */
  readonly starts: Float64Array;
}
