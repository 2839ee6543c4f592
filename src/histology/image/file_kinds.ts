/** Recognises a file's kind by its first bytes, whatever its name. Error messages can then name the actual kind. */

/** The number of leading bytes needed to recognise every kind. */
export const KIND_BYTES = 512;

interface Kind {
  /** With its article, except for the kinds that can be read. */
  readonly name: string;
  /** The bytes at offset `at` (0 if absent). `undefined` matches any byte. */
  readonly start: readonly (number | undefined)[];
  readonly at?: number;
}

/** The bytes of a text in Latin-1. */
const text = (value: string): number[] => Array.from(value, (character) => character.charCodeAt(0));
const ANY4 = Array<undefined>(4);

/** The kinds that can be read. */
const READ: readonly Kind[] = [
  { name: "PNG", start: [0x89, ...text("PNG\r\n\x1a\n")] },
  { name: "JPEG", start: [0xff, 0xd8, 0xff] },
  { name: "WebP", start: [...text("RIFF"), ...ANY4, ...text("WEBP")] },
  { name: "TIFF", start: text("II*\0") },
  { name: "TIFF", start: text("MM\0*") },
  { name: "TIFF", start: text("II+\0") },
  { name: "TIFF", start: text("MM\0+") },
];

const OTHERS: readonly Kind[] = [
  { name: "a GIF picture", start: text("GIF8") },
  { name: "a BMP picture", start: [...text("BM"), ...ANY4, 0, 0, 0, 0] },
  ...["heic", "heix", "mif1", "msf1"].map((brand) => ({ name: "a HEIC picture", start: text(`ftyp${brand}`), at: 4 })),
  { name: "an AVIF picture", start: text("ftypavif"), at: 4 },
  { name: "a video", start: text("ftyp"), at: 4 },
  { name: "a JPEG 2000 picture", start: [0, 0, 0, 12, ...text("jP  ")] },
  { name: "a JPEG 2000 codestream", start: [0xff, 0x4f, 0xff, 0x51] },
  { name: "a JPEG XL picture", start: [0, 0, 0, 12, ...text("JXL ")] },
  { name: "a JPEG XL picture", start: [0xff, 0x0a] },
  { name: "a JPEG XR picture", start: [...text("II"), 0xbc] },
  { name: "a Photoshop picture", start: text("8BPS") },
  { name: "a DICOM file", start: text("DICM"), at: 128 },
  { name: "a PDF document", start: text("%PDF") },
  { name: "a zip archive", start: text("PK\x03\x04") },
  { name: "a gzip archive", start: [0x1f, 0x8b] },
  { name: "a 7z archive", start: [...text("7z"), 0xbc, 0xaf] },
  { name: "a RAR archive", start: text("Rar!") },
  { name: "an HDF5 file", start: [0x89, ...text("HDF\r\n\x1a\n")] },
  { name: "a NumPy array", start: [0x93, ...text("NUMPY")] },
  { name: "an SQLite database", start: text("SQLite format 3\0") },
  { name: "a Zeiss CZI file", start: text("ZISRAWFILE") },
  { name: "an SVG drawing", start: text("<svg") },
  { name: "an XML text", start: text("<?xml") },
  { name: "a web page", start: text("<!DOCTYPE") },
  { name: "a web page", start: text("<html") },
];

const begins = (head: Uint8Array, { start, at = 0 }: Kind): boolean =>
  head.length >= at + start.length && start.every((byte, i) => byte === undefined || byte === head[at + i]);

/** Returns the readable kind whose signature the file has ("PNG", "JPEG", "TIFF" or "WebP"), or undefined. */
export function readKindOf(head: Uint8Array): string | undefined {
  return READ.find((kind) => begins(head, kind))?.name;
}

/**
 * Returns the kind of a file that cannot be read here, with its article (for example "a GIF picture"). Undefined if the
 * kind is unknown.
 */
export function otherKindOf(head: Uint8Array): string | undefined {
  return OTHERS.find((kind) => begins(head, kind))?.name;
}
