/** Numbers and texts in bytes, and bytes joined, in Node and in a browser. */

/** A view that reads and writes numbers in these bytes. */
export const dataViewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The text in Latin-1 from `start` to `end` (exclusive), for short texts. */
export const latin1 = (bytes: Uint8Array, start = 0, end = bytes.length): string =>
  Array.from(bytes.subarray(start, end), (byte) => String.fromCharCode(byte)).join("");

/** The bytes of a text in Latin-1. */
export const latin1Bytes = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Whether the bytes begin with others. */
export const startsWith = (bytes: Uint8Array, start: ArrayLike<number>): boolean => {
  for (let i = 0; i < start.length; i++) if (bytes[i] !== start[i]) return false;
  return true;
};

/** All parts, one after the other, as a copy. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
