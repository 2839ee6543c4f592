/** Opens a slide that a page was given: every format of one file, through the readers of the command line. */
import { FILE_FORMATS, openSlideFile } from "../../histology/slide/formats.ts";
import { isDicom } from "../../histology/slide/is_dicom.ts";
import type { Slide } from "../../histology/slide/slide.ts";
import { UserError } from "../../util/errors.ts";
import { BlobSlideFile } from "./blob_file.ts";
import { BROWSER_CODECS } from "./codecs.ts";

/**
 * @param name the file's name in errors
 * @throws UserError if the file cannot be read, its format is not supported here, or it is damaged
 */
export async function openBlobSlide(blob: Blob, name: string): Promise<Slide> {
  const file = await BlobSlideFile.open(blob, name);
  if (await isDicom(file)) {
    throw new UserError(
      "slide-unsupported",
      `${name} is a DICOM file, and the levels of a DICOM slide are several files, which are not read in a browser: ` +
        "use cancernet's command line, or convert the slide to a tiled TIFF.",
    );
  }
  return openSlideFile(file, FILE_FORMATS, BROWSER_CODECS);
}
