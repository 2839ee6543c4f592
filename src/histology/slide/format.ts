/** The interface of a slide format. open.ts lists all formats. */
import type { SlideFile } from "./file.ts";
import type { Slide } from "./slide.ts";

export interface SlideFormat {
  /** The common name, for example "Aperio SVS". */
  readonly name: string;
  /** The usual file name extensions in lower case, for example ".svs". Used only to find slides in folders. */
  readonly extensions: readonly string[];
  /** Returns whether the file has this format, judged by its content and not by its name. */
  recognises(file: SlideFile): Promise<boolean>;
  /**
   * Opens a file that `recognises` accepted. Closing the slide closes the file.
   * @throws UserError if it is damaged or of an unsupported kind.
   */
  open(file: SlideFile): Promise<Slide>;
}
