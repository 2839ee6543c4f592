/** Reads the start of a DICOM file (PS3.10): checks that it is one, and returns its class and encoding. */
import { UserError } from "../../../util/errors.ts";
import { conversionAdvice } from "../conversion.ts";
import { DICOM_META_AT } from "../is_dicom.ts";
import type { NodeSlideFile } from "../node/file.ts";
import { type DataSet, ElementReader, elementText } from "./elements.ts";
import { TAG } from "./tags.ts";

const LAST_META_TAG = 0x0002ffff;

export const SLIDE_CLASS = "1.2.840.10008.5.1.4.1.1.77.1.6";

const IMPLICIT = "1.2.840.10008.1.2";
/** Unsupported encodings of the whole file. */
const UNREAD: Readonly<Record<string, string>> = {
  "1.2.840.10008.1.2.1.99": "deflated",
  "1.2.840.10008.1.2.2": "big-endian",
};

export interface DicomHeader {
  readonly reader: ElementReader;
  /** The object's storage class, which is `SLIDE_CLASS` for a slide. */
  readonly storageClass: string | undefined;
  readonly transferSyntax: string;
  /** The elements up to `last`, or up to the pixel data. */
  readonly data: DataSet;
}

/**
 * @param last the last element to read; if undefined, all are read
 * @throws UserError if the encoding of the elements is not supported; Error if they are damaged.
 */
export async function readDicom(file: NodeSlideFile, last?: number): Promise<DicomHeader> {
  const reader = new ElementReader(file);
  const meta = await reader.dataSet(DICOM_META_AT, { implicit: false, last: LAST_META_TAG });
  const transferSyntax = elementText(meta, TAG.transferSyntax);
  if (transferSyntax === undefined) throw new Error("it does not state its transfer syntax");
  const unread = UNREAD[transferSyntax];
  if (unread !== undefined) {
    throw new UserError(
      "slide-unsupported",
      `${file.path} is a DICOM file whose data are ${unread}, which is not read: ${conversionAdvice("vendor", "slide.dcm")}.`,
    );
  }
  const start = await reader.behind(DICOM_META_AT, LAST_META_TAG);
  const data = await reader.dataSet(start, {
    implicit: transferSyntax === IMPLICIT,
    ...(last === undefined ? {} : { last }),
  });
  return { reader, storageClass: elementText(meta, TAG.mediaStorageClass), transferSyntax, data };
}
