/** The one door to onnxruntime-node, whose telemetry is off before it is loaded (the first line) and before it opens a model. */
import "./telemetry.ts";
import { InferenceSession } from "onnxruntime-node";
import { telemetryIsSettled } from "./telemetry.ts";

export { env, listSupportedBackends, Tensor } from "onnxruntime-node";

/** A model that is open in ONNX Runtime; see its own documentation. */
export type NativeSession = InferenceSession;
export type NativeSessionOptions = InferenceSession.SessionOptions;
export type ValueMetadata = InferenceSession.ValueMetadata;

/**
 * Opens a model: its bytes, or its file.
 * @throws Error with ONNX Runtime's words if it does not accept the model or the options; UserError see telemetry.ts.
 */
export async function openNativeSession(
  model: Uint8Array | string,
  options: NativeSessionOptions,
): Promise<NativeSession> {
  await telemetryIsSettled();
  return typeof model === "string" ? InferenceSession.create(model, options) : InferenceSession.create(model, options);
}
