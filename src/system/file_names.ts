/**
 * Decodes file names from bytes. Most names are UTF-8; any other name is printed so that the user can find and rename
 * it.
 */
import { isUtf8 } from "node:buffer";

/** The name as text; undefined if the bytes are not UTF-8. */
export function nameOf(bytes: Uint8Array): string | undefined {
  return isUtf8(bytes) ? Buffer.from(bytes).toString("utf8") : undefined;
}

/** Bytes in Python's notation: b'caf\xe9.png'. */
export function shownBytes(bytes: Uint8Array): string {
  const shown = Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    if (character === "'" || character === "\\") return `\\${character}`;
    return byte >= 0x20 && byte < 0x7f ? character : `\\x${byte.toString(16).padStart(2, "0")}`;
  });
  return `b'${shown.join("")}'`;
}
