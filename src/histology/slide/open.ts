/** Opens a slide of this machine, of any supported format. Each format recognises its files by content. */
import { kindOf } from "../../system/files.ts";
import { UserError } from "../../util/errors.ts";
import { CONTAINER_EXTENSIONS } from "./containers.ts";
import { dicom } from "./dicom.ts";
import type { SlideFormat } from "./format.ts";
import { FILE_FORMATS, openSlideFile } from "./formats.ts";
import { NODE_CODECS } from "./node/codecs.ts";
import { NodeSlideFile } from "./node/file.ts";
import { refuseFolderParts } from "./node/folder_parts.ts";
import type { Slide } from "./slide.ts";

/** DICOM is first, because DICOM files may begin like TIFF files. */
export const SLIDE_FORMATS: readonly SlideFormat<NodeSlideFile>[] = [dicom, ...FILE_FORMATS];

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
  const whatIsRead = `${SLIDE_FORMATS.map(({ name }) => name).join(", ")} are read`;
  if (there === "nothing")
    throw new UserError("slide-missing", `There is no slide ${path}: check the path; ${whatIsRead}.`);
  if (there === "folder")
    throw new UserError("path-is-folder", `${path} is a folder: name one slide's file; ${whatIsRead}.`);
  const file = await NodeSlideFile.open(path);
  try {
    await refuseFolderParts(file);
  } catch (error) {
    await file.close();
    throw error;
  }
  return openSlideFile(file, SLIDE_FORMATS, NODE_CODECS);
}
