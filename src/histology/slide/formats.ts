/** The slide formats of one file, and how a file of unknown format is opened. */
import { UserError } from "../../util/errors.ts";
import { KIND_BYTES, otherKindOf } from "../image/file_kinds.ts";
import { aperio } from "./aperio.ts";
import type { SlideCodecs } from "./codecs.ts";
import { refuseContainers } from "./containers.ts";
import type { SlideFile } from "./file.ts";
import type { SlideFormat } from "./format.ts";
import { leica } from "./leica.ts";
import { ndpi } from "./ndpi.ts";
import { omeTiff } from "./ome_tiff.ts";
import { philips } from "./philips.ts";
import { picture } from "./picture.ts";
import { plainTiff } from "./plain_tiff.ts";
import type { Slide } from "./slide.ts";
import { trestle } from "./trestle.ts";
import { ventana } from "./ventana.ts";

/** In the order in which they are tried: special TIFF formats must be before plain TIFF. */
export const FILE_FORMATS: readonly SlideFormat[] = [
  ndpi,
  aperio,
  philips,
  leica,
  trestle,
  ventana,
  omeTiff,
  plainTiff,
  picture,
];

/**
 * Opens a slide with the first format that recognises it. Only its description is read. The file is closed with the
 * slide, and if it cannot be opened.
 * @param formats in the order in which they are tried.
 * @throws UserError if the format is not supported, or the slide is damaged.
 */
export async function openSlideFile<F extends SlideFile>(
  file: F,
  formats: readonly SlideFormat<F>[],
  codecs: SlideCodecs,
): Promise<Slide> {
  const { path } = file;
  const whatIsRead = `${formats.map(({ name }) => name).join(", ")} are read`;
  try {
    if (file.size === 0) throw new UserError("slide-damaged", `${path} is empty: restore the slide; ${whatIsRead}.`);
    await refuseContainers(file);
    for (const format of formats) if (await format.recognises(file)) return await format.open(file, codecs);
    const kind = otherKindOf(await file.readAtMost(0, KIND_BYTES));
    if (kind !== undefined)
      throw new UserError("slide-unsupported", `${path} is ${kind}, not a slide: convert it; ${whatIsRead}.`);
    throw new UserError("slide-unsupported", `${path} is no slide of a known format: convert it; ${whatIsRead}.`);
  } catch (error) {
    await file.close();
    throw error;
  }
}
