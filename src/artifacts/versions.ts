/** The software versions that a result depends on, for reports and runs. */
import { RUNTIME_VERSION } from "../engine/runtime/node/session.ts";
import { NODE_VERSION, SOFTWARE } from "../system/version.ts";

/** The last digits of results may differ between versions. */
export const VERSIONS = { cancernet: SOFTWARE, node: NODE_VERSION, onnxruntime: RUNTIME_VERSION };
