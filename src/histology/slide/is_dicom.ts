/** Recognises DICOM files. */
import { latin1 } from "../../util/bytes.ts";
import type { SlideFile } from "./file.ts";

/** The signature follows 128 arbitrary bytes, which may be the start of a TIFF file. */
const MAGIC_AT = 128;
const MAGIC = "DICM";

/** The offset of the first data element. */
export const DICOM_META_AT = MAGIC_AT + MAGIC.length;

export async function isDicom(file: SlideFile): Promise<boolean> {
  return latin1(await file.readAtMost(MAGIC_AT, MAGIC.length)) === MAGIC;
}
