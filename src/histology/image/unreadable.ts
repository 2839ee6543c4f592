/** Why a picture cannot be read, in the same words in Node and in a browser. */
import type { ErrorCode } from "../../util/error_codes.ts";
import { messageOf, UserError } from "../../util/errors.ts";
import { whole } from "../../util/numbers.ts";
import { otherKindOf, readKindOf } from "./file_kinds.ts";

/**
 * Larger pictures are refused before decoding. 25 million pixels of 16 bits with alpha need 200 MB during decoding.
 */
export const MAX_PIXELS = 25_000_000;

/**
 * Explains in one sentence why a picture cannot be read: it is of another kind, or it is damaged.
 * @param head the file's first bytes.
 * @param error the codec's error.
 */
export function unreadable(place: string, head: Uint8Array, error: unknown, maxPixels = MAX_PIXELS): UserError {
  const refusal = (code: ErrorCode, why: string, remedy: string) =>
    new UserError(code, `${place} is not a readable picture (${why}): ${remedy}.`);
  if (/pixel limit/.test(messageOf(error)))
    return refusal("image-too-large", `it has more than ${whole(maxPixels)} pixels`, "cut it into smaller ones");
  const kind = readKindOf(head);
  if (kind === "TIFF")
    return refusal("image-damaged", "as a TIFF file it is damaged, or of a kind that is not read", "save it as PNG");
  if (kind !== undefined)
    return refusal("image-damaged", `it begins as ${kind} does, but is damaged or cut off`, "restore or remove it");
  if (head.length === 0) return refusal("image-damaged", "it is empty", "restore or remove it");
  const other = otherKindOf(head);
  const kinds = "PNG, JPEG, TIFF or WebP";
  if (other === undefined)
    return refusal("image-unsupported", `it does not begin as ${kinds} does`, "restore or remove it");
  return refusal("image-unsupported", `it is ${other}`, `save it as ${kinds}, or remove it`);
}
