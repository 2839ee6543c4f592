/** Reads texts in tags of TIFF directories, which identify scanner formats. */
import { type Directory, loadText } from "./directories.ts";

export const SOFTWARE_TAG = 305;
export const XMP = 700;

/**
 * The tag's text, or its bytes decoded as UTF-8; empty if the tag is absent.
 * @throws UserError if it is damaged.
 */
export async function textOf(directory: Directory, tag: number): Promise<string> {
  if (!directory.hasTag(tag)) return "";
  const value = await loadText(directory, tag);
  const text = ArrayBuffer.isView(value)
    ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(value as Uint8Array<ArrayBuffer>)
    : String(value);
  return text.split("\0", 1)[0]!;
}
