/** The interface of a slide format. formats.ts lists those of one file. */
import type { SlideCodecs } from "./codecs.ts";
import type { SlideFile } from "./file.ts";
import type { Slide } from "./slide.ts";

/** @typeParam F the files that it reads: any file, or only one of this machine, whose folder has further files. */
export interface SlideFormat<F extends SlideFile = SlideFile> {
  /** The common name, for example "Aperio SVS". */
  readonly name: string;
  /** The usual file name extensions in lower case, for example ".svs". Used only to find slides in folders. */
  readonly extensions: readonly string[];
  /** Returns whether the file has this format, judged by its content and not by its name. */
  recognises(file: F): Promise<boolean>;
  /**
   * Opens a file that `recognises` accepted. Closing the slide closes the file.
   * @throws UserError if it is damaged or of an unsupported kind.
   */
  open(file: F, codecs: SlideCodecs): Promise<Slide>;
}
