/** Opens a slide of any supported format. The formats are in one table, and each recognises its files by content. */
import { kindOf } from "../../system/files.ts";
import { UserError } from "../../util/errors.ts";
import { KIND_BYTES, otherKindOf } from "../image/file_kinds.ts";
import { aperio } from "./aperio.ts";
import { CONTAINER_EXTENSIONS, refuseContainers } from "./containers.ts";
import { dicom } from "./dicom.ts";
import { SlideFile } from "./file.ts";
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

/**
 * The first format that recognises a file opens it. The order matters: DICOM files may begin like TIFF files, and
 * special TIFF formats must be before plain TIFF.
 */
export const SLIDE_FORMATS: readonly SlideFormat[] = [
  dicom,
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

export { oneFilePerSlide } from "./dicom.ts";

/**
 * File name extensions for finding slides in a folder, for example ".svs". They include the formats that are refused by
 * name.
 */
export const SLIDE_EXTENSIONS: readonly string[] = [
  ...new Set([...SLIDE_FORMATS.flatMap(({ extensions }) => extensions), ...CONTAINER_EXTENSIONS]),
];

/**
 * Opens a slide. Only its description is read.
 * @throws UserError if the file does not exist, its format is not supported, or it is damaged.
 */
export async function openSlide(path: string): Promise<Slide> {
  const there = await kindOf(path);
  if (there === "nothing")
    throw new UserError("slide-missing", `There is no slide ${path}: check the path; ${whatIsRead()}.`);
  if (there === "folder")
    throw new UserError("path-is-folder", `${path} is a folder: name one slide's file; ${whatIsRead()}.`);
  const file = await SlideFile.open(path);
  try {
    if (file.size === 0) throw new UserError("slide-damaged", `${path} is empty: restore the slide; ${whatIsRead()}.`);
    await refuseContainers(file);
    for (const format of SLIDE_FORMATS) if (await format.recognises(file)) return await format.open(file);
    const kind = otherKindOf(await file.readAtMost(0, KIND_BYTES));
    if (kind !== undefined)
      throw new UserError("slide-unsupported", `${path} is ${kind}, not a slide: convert it; ${whatIsRead()}.`);
    throw new UserError("slide-unsupported", `${path} is no slide of a known format: convert it; ${whatIsRead()}.`);
  } catch (error) {
    await file.close();
    throw error;
  }
}

function whatIsRead(): string {
  return `${SLIDE_FORMATS.map(({ name }) => name).join(", ")} are read`;
}
