/**
 * What the parts of a PNG, JPEG or WebP file say besides its pixels: size, colour profile and orientation. It reads the
 * parts' names and lengths; the decoders read what is in them.
 */

/** The facts of a picture file that decide whether its pixels can be used as they are. */
export interface PictureFacts {
  /** 0 if the file does not say it. */
  readonly width: number;
  readonly height: number;
  /** Whether the file carries a colour profile. */
  readonly hasProfile: boolean;
  /** How the picture lies (EXIF): 1 is upright. */
  readonly orientation: number;
}

interface Part {
  readonly name: string;
  readonly data: Uint8Array;
}

type PartsOf = (bytes: Uint8Array) => Iterable<Part>;

/** The kinds of pictures that can be decoded here. */
export type PictureKind = "PNG" | "JPEG" | "WebP";

/**
 * Reads the facts of a picture.
 * @throws RangeError if the file is cut off
 */
export function pictureFactsOf(bytes: Uint8Array, kind: PictureKind): PictureFacts {
  let facts: PictureFacts = { width: 0, height: 0, hasProfile: false, orientation: 1 };
  for (const part of PARTS[kind](bytes)) facts = { ...facts, ...factOf(part) };
  return facts;
}

/** The size of a picture, also if the file is cut off behind it; undefined if it is cut off before. */
export function pictureSizeOf(bytes: Uint8Array, kind: PictureKind): { width: number; height: number } | undefined {
  try {
    for (const part of PARTS[kind](bytes)) {
      const { width = 0, height = 0 } = factOf(part);
      if (width > 0) return { width, height };
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return undefined;
}

const PARTS: Readonly<Record<PictureKind, PartsOf>> = { PNG: pngChunks, JPEG: jpegSegments, WebP: webpChunks };

/** What a part says. The names of the kinds differ, so one table serves all. */
function factOf({ name, data }: Part): Partial<PictureFacts> {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  switch (name) {
    case "IHDR":
      return { width: view.getUint32(0), height: view.getUint32(4) };
    case "SOF":
      return { width: view.getUint16(3), height: view.getUint16(1) };
    case "VP8 ":
      return { width: view.getUint16(6, true) & 0x3fff, height: view.getUint16(8, true) & 0x3fff };
    case "VP8L": {
      const bits = view.getUint32(1, true);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case "iCCP":
    case "ICCP":
    case "ICC_PROFILE":
      return { hasProfile: true };
    case "eXIf":
    case "EXIF":
      return { orientation: orientationIn(data) };
    case "Exif":
      return { orientation: orientationIn(data.subarray(EXIF_MARK_BYTES)) };
    default:
      return {};
  }
}

function* pngChunks(bytes: Uint8Array): Iterable<Part> {
  const view = viewOf(bytes);
  for (let at = 8; ; ) {
    const [length, name] = [view.getUint32(at), textAt(bytes, at + 4, 4)];
    if (name === "IEND") return;
    yield { name, data: within(bytes, at + 8, length) };
    at += length + 12;
  }
}

/** "Exif" and two zeros. */
const EXIF_MARK_BYTES = 6;
/** Markers of frames: C0 to CF without those of tables (C4, C8, CC). */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
const APPLICATION_1 = 0xe1;
const APPLICATION_2 = 0xe2;
const START_OF_SCAN = 0xda;
const FILL = 0xff;

/** The segments before the pixels. */
function* jpegSegments(bytes: Uint8Array): Iterable<Part> {
  const view = viewOf(bytes);
  for (let at = 2; ; ) {
    while (view.getUint8(at + 1) === FILL) at++;
    const marker = view.getUint8(at + 1);
    if (view.getUint8(at) !== FILL || marker === START_OF_SCAN) return;
    const length = view.getUint16(at + 2);
    const data = within(bytes, at + 4, length - 2);
    if (isFrame(marker)) yield { name: "SOF", data };
    if (marker === APPLICATION_1) yield { name: textAt(data, 0, 4), data };
    if (marker === APPLICATION_2) yield { name: textAt(data, 0, 11), data };
    at += length + 2;
  }
}

function* webpChunks(bytes: Uint8Array): Iterable<Part> {
  const view = viewOf(bytes);
  const end = Math.min(bytes.length, view.getUint32(4, true) + 8);
  for (let at = 12; at + 8 <= end; ) {
    const length = view.getUint32(at + 4, true);
    yield { name: textAt(bytes, at, 4), data: within(bytes, at + 8, length) };
    at += 8 + length + (length % 2);
  }
}

const ORIENTATION_TAG = 0x0112;

/** The orientation in EXIF data, which has the structure of a TIFF file; 1 if the file has no such data. */
function orientationIn(data: Uint8Array): number {
  const view = viewOf(data);
  const isLittle = textAt(data, 0, 2) === "II";
  const start = view.getUint32(4, isLittle);
  const count = view.getUint16(start, isLittle);
  for (let entry = 0; entry < count; entry++) {
    const at = start + 2 + entry * 12;
    if (view.getUint16(at, isLittle) === ORIENTATION_TAG) return view.getUint16(at + 8, isLittle);
  }
  return 1;
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const textAt = (bytes: Uint8Array, at: number, length: number) =>
  String.fromCharCode(...bytes.subarray(at, at + length));

function within(bytes: Uint8Array, at: number, length: number): Uint8Array {
  if (length < 0 || at + length > bytes.length) throw new RangeError("the file is cut off");
  return bytes.subarray(at, at + length);
}
