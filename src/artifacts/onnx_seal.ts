/**
 * The seal of an ONNX file: the SHA-256 of its bytes, appended as metadata that every ONNX reader accepts. It is one
 * entry of `metadata_props`; protobuf merges it into the message before it, so the file remains a valid ONNX model.
 */
import { SEAL_KEY } from "../engine/graph/onnx_schema.ts";

/** Gives the SHA-256 of bytes, in hexadecimal. Node and browsers have different ones. */
export type Sha256 = (bytes: Uint8Array) => string;

const DIGEST_CHARACTERS = 64;
/** Protobuf's marks of fields with a length: `metadata_props` of a model, `key` and `value` of an entry. */
const [ENTRY, KEY, VALUE] = [0x72, 0x0a, 0x12];

function sealOf(digest: string): Uint8Array {
  const [key, value] = [SEAL_KEY, digest].map((text) => new TextEncoder().encode(text)) as [Uint8Array, Uint8Array];
  const entry = [KEY, key.length, ...key, VALUE, value.length, ...value];
  return Uint8Array.of(ENTRY, entry.length, ...entry);
}

const SEAL_BYTES = sealOf("0".repeat(DIGEST_CHARACTERS)).length;

/** Appends the seal to the bytes of an ONNX file. */
export function withSeal(bytes: Uint8Array, sha256: Sha256): Uint8Array {
  const seal = sealOf(sha256(bytes));
  const sealed = new Uint8Array(bytes.length + seal.length);
  sealed.set(bytes);
  sealed.set(seal, bytes.length);
  return sealed;
}

/** Whether a file ends with the seal of all bytes before it, which shows that no byte was changed, added or lost. */
export function isSealed(bytes: Uint8Array, sha256: Sha256): boolean {
  const end = Math.max(0, bytes.length - SEAL_BYTES);
  const seal = sealOf(sha256(bytes.subarray(0, end)));
  return seal.length === bytes.length - end && seal.every((byte, place) => byte === bytes[end + place]);
}
