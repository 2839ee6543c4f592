/** The versions that a result depends on, for reports and runs. */
import { RUNTIME_VERSION } from "../engine/runtime/node/session.ts";
import { NODE_VERSION, SOFTWARE } from "../system/version.ts";

/** What computes; results may differ in their last digits between versions. */
export const VERSIONS = { cancernet: SOFTWARE, node: NODE_VERSION, onnxruntime: RUNTIME_VERSION };
