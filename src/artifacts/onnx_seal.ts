/** The seal of an ONNX file: the SHA-256 of its bytes, appended as metadata that every ONNX reader accepts. */
import { createHash } from "node:crypto";
import { ModelProto, SEAL_KEY } from "../engine/graph/onnx.ts";

/**
 * A seal as a protobuf message. Protobuf merges bytes after a message into it, so the file remains a valid ONNX model.
 */
function sealOf(bytes: Uint8Array): Uint8Array {
  const value = createHash("sha256").update(bytes).digest("hex");
  return ModelProto.encode({ metadata_props: [{ key: SEAL_KEY, value }] }).finish();
}

const SEAL_BYTES = sealOf(new Uint8Array()).length;

/** The bytes of an ONNX file with the seal appended. */
export function sealOnnx(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, sealOf(bytes)]);
}

/** Whether a file ends with the seal of all bytes before it, which shows that no byte was changed, added or lost. */
export function isSealed(bytes: Uint8Array): boolean {
  const end = Math.max(0, bytes.length - SEAL_BYTES);
  return Buffer.from(sealOf(bytes.subarray(0, end))).equals(bytes.subarray(end));
}
