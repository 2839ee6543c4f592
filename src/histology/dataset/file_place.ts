/** Where the bytes of a source's file are, as plain data, so that any thread of this process can read them. */
import { readFileSync, statSync } from "node:fs";
import { fileError } from "../../system/files.ts";
import { readMember, type SizeLimit, type ZipMember } from "../../system/zip_member.ts";
import { UserError } from "../../util/errors.ts";

/** A file of a folder, with its path in the source; or a file of an open archive. */
export type FilePlace = { readonly file: string; readonly path: string } | ZipMember;

/** A patch file has a few kilobytes. Larger files than this are refused instead of being read into memory. */
const MOST_MEGABYTES = 8;
const LIMIT: SizeLimit = {
  maxFileBytes: MOST_MEGABYTES * 1024 * 1024,
  tooLarge: `it is too large for a patch, which has at most ${MOST_MEGABYTES} MB`,
};

/**
 * The bytes of a file.
 * @throws UserError if the file cannot be read, is too large or is damaged.
 */
export function readPlace(place: FilePlace): Uint8Array {
  if (!("file" in place)) return readMember(place, LIMIT);
  const { file, path } = place;
  try {
    if (statSync(file).size > LIMIT.maxFileBytes)
      throw new UserError("file-too-large", `Cannot read ${path}: ${LIMIT.tooLarge}.`);
    return readFileSync(file);
  } catch (error) {
    throw fileError(error, `cannot read ${path}`, "check the file");
  }
}
