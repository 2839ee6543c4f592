/** The start of a DICOM file (PS3.10): whether it is one, what it holds, and in which coding. */
import { UserError } from "../../../util/errors.ts";
import { conversionAdvice } from "../conversion.ts";
import type { SlideFile } from "../file.ts";
import { type DataSet, ElementReader, elementText } from "./elements.ts";
import { TAG } from "./tags.ts";

/** Behind 128 bytes of anything, which may be the start of a TIFF file. */
const MAGIC_AT = 128;
const MAGIC = "DICM";
const META_AT = MAGIC_AT + MAGIC.length;
const LAST_META_TAG = 0x0002ffff;

export const SLIDE_CLASS = "1.2.840.10008.5.1.4.1.1.77.1.6";

const IMPLICIT = "1.2.840.10008.1.2";
/** Codings of the whole file that are not read. */
const UNREAD: Readonly<Record<string, string>> = {
  "1.2.840.10008.1.2.1.99": "deflated",
  "1.2.840.10008.1.2.2": "big-endian",
};

export interface DicomHeader {
  readonly reader: ElementReader;
  /** What kind of object it is: a slide, or another. */
  readonly storageClass: string | undefined;
  readonly transferSyntax: string;
  /** Up to `last`, or to the pixels. */
  readonly data: DataSet;
}

export async function isDicom(file: SlideFile): Promise<boolean> {
  return (await file.readAtMost(MAGIC_AT, MAGIC.length)).toString("latin1") === MAGIC;
}

/**
 * @param last the last element that is wanted; all of them if it is undefined
 * @throws UserError if its elements are coded in a way that is not read; Error if they are damaged.
 */
export async function readDicom(file: SlideFile, last?: number): Promise<DicomHeader> {
  const reader = new ElementReader(file);
  const meta = await reader.dataSet(META_AT, { implicit: false, last: LAST_META_TAG });
  const transferSyntax = elementText(meta, TAG.transferSyntax);
  if (transferSyntax === undefined) throw new Error("it does not state its transfer syntax");
  const unread = UNREAD[transferSyntax];
  if (unread !== undefined) {
    throw new UserError(
      "slide-unsupported",
      `${file.path} is a DICOM file whose data are ${unread}, which is not read: ${conversionAdvice("vendor", "slide.dcm")}.`,
    );
  }
  const start = await reader.behind(META_AT, LAST_META_TAG);
  const data = await reader.dataSet(start, {
    implicit: transferSyntax === IMPLICIT,
    ...(last === undefined ? {} : { last }),
  });
  return { reader, storageClass: elementText(meta, TAG.mediaStorageClass), transferSyntax, data };
}
