/** Writes a picture to its slot of an open records file. Several threads of this process may write to one file. */
import { createHash } from "node:crypto";
import { writeSync } from "node:fs";
import type { RgbImage } from "../image/rgb.ts";
import type { FilePlace } from "./file_place.ts";
import { recordBytes, toRecord } from "./record.ts";

/** An open records file: its descriptor, and the width and height of a record in pixels. */
export interface RecordFile {
  readonly fd: number;
  readonly side: number;
}

/** A file to decode, and the slot for its picture. */
export interface RecordOrder {
  readonly index: number;
  readonly place: FilePlace;
  /** Whether its digest is needed to find copies. */
  readonly digested: boolean;
}

/** What a thread is sent: files to decode into an open records file. */
export interface GroupMessage {
  readonly file: RecordFile;
  readonly orders: readonly RecordOrder[];
}

/** The size of a stored picture in pixels, and its digest if it was asked for. A picture of one colour has none. */
export interface StoredPicture {
  readonly width: number;
  readonly height: number;
  readonly digest?: string;
}

/** @throws Error if the file cannot be written. */
export function storeRecord(
  { fd, side }: RecordFile,
  { index, digested }: RecordOrder,
  image: RgbImage,
): StoredPicture {
  const bytes = recordBytes(side);
  writeSync(fd, toRecord(image, side), 0, bytes, index * bytes);
  const { width, height, data } = image;
  if (!digested || isPlain(data)) return { width, height };
  const digest = createHash("sha256").update(`${width} x ${height} `).update(data).digest("base64");
  return { width, height, digest };
}

/**
 * Returns whether the picture has only one colour, like blank patches outside the tissue. Such patches are not treated
 * as copies.
 */
export function isPlain(data: Uint8Array): boolean {
  for (let i = 3; i < data.length; i++) if (data[i] !== data[i - 3]) return false;
  return true;
}
