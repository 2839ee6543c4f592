/**
 * The only file that imports onnxruntime-node. Telemetry is off before it is loaded (the first line) and before it
 * opens a model.
 */
import "./telemetry.ts";
import { InferenceSession } from "onnxruntime-node";
import { telemetryIsSettled } from "./telemetry.ts";

export { env, listSupportedBackends, Tensor } from "onnxruntime-node";

/** An open model in ONNX Runtime; see its own documentation. */
export type NativeSession = InferenceSession;
export type NativeSessionOptions = InferenceSession.SessionOptions;
export type ValueMetadata = InferenceSession.ValueMetadata;

/**
 * Opens a model, given as its bytes or its file path.
 * @throws Error with ONNX Runtime's message if it does not accept the model or the options; UserError as in
 *   telemetry.ts.
 */
export async function openNativeSession(
  model: Uint8Array | string,
  options: NativeSessionOptions,
): Promise<NativeSession> {
  await telemetryIsSettled();
  return typeof model === "string" ? InferenceSession.create(model, options) : InferenceSession.create(model, options);
}
