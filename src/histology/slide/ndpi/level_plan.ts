/** What the directory of an NDPI file says of a level. */
import type { SlideFile } from "../file.ts";

export interface LevelPlan {
  readonly file: SlideFile;
  readonly width: number;
  readonly height: number;
  /** Where its JPEG stream lies, in bytes. */
  readonly start: number;
  readonly bytes: number;
  /** Where each piece begins, from the stream's start; of another length, or empty, if the file does not say it. */
  readonly starts: Float64Array;
}
