/** Addresses of objects in object storage, such as s3://bucket/slides/a.svs. */
import { join } from "node:path";
import { UserError } from "../util/errors.ts";

export interface ObjectAddress {
  readonly bucket: string;
  /** The object's name, or the start of several objects' names; "" for the whole bucket. */
  readonly key: string;
}

const START = "s3://";
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const MOST_KEY_BYTES = 1024;

/** Whether a place that the user names is an address of an object. Any other text is a path. */
export const isObjectAddress = (place: string): boolean => place.startsWith(START);

/** @throws UserError if the text is no address of an object, or one that requests cannot carry unchanged. */
export function objectAddress(text: string): ObjectAddress {
  const [bucket = "", ...names] = text.slice(START.length).split("/");
  if (!isObjectAddress(text) || !BUCKET.test(bucket))
    throw invalid(text, "expected s3://bucket/name, and a bucket's name has 3 to 63 of a-z, 0-9, dot and hyphen");
  const key = names.join("/");
  if (names.slice(0, -1).some((name) => name === "") || names.some((name) => name === "." || name === ".."))
    throw invalid(text, 'a part of the name is empty, "." or ".."');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are refused
  if (/[\0-\x1f\x7f]/.test(key)) throw invalid(text, "it holds a control character");
  if (Buffer.byteLength(key) > MOST_KEY_BYTES) throw invalid(text, "the name has more than 1,024 bytes");
  return { bucket, key };
}

const invalid = (text: string, why: string): UserError =>
  new UserError("path-invalid", `${text} is no address of an object: ${why}.`);

/** The place of a name in a folder or below an address. */
export const placeIn = (place: string, name: string): string =>
  isObjectAddress(place) ? `${place.replace(/\/$/, "")}/${name}` : join(place, name);

export const addressText = ({ bucket, key }: ObjectAddress): string => `${START}${bucket}/${key}`;
