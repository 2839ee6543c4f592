/** What a slide format is to the table of formats in open.ts. */
import type { SlideFile } from "./file.ts";
import type { Slide } from "./slide.ts";

export interface SlideFormat {
  /** As people know it: "Aperio SVS". */
  readonly name: string;
  /** How its files' names usually end, in lower case, such as ".svs": only for finding slides in folders. */
  readonly extensions: readonly string[];
  /** Whether the file's content, whatever its name, is of this format. */
  recognises(file: SlideFile): Promise<boolean>;
  /**
   * Opens a file that was recognised; the slide then closes it.
   * @throws UserError if it is damaged or of a kind that is not read.
   */
  open(file: SlideFile): Promise<Slide>;
}
