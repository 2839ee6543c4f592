/** A model that runs in no time, for tests of how models are run. */
import { toOnnx } from "../../src/engine/graph/onnx.ts";
import { buildInferenceGraph } from "../../src/engine/models/inference.ts";
import { initialize } from "../../src/engine/nn/initialize.ts";
import type { Arrays, ModelDescription } from "../../src/engine/nn/model.ts";
import { lowerForCpu } from "../../src/engine/runtime/devices.ts";

export const SIDE = 12;

export const model: ModelDescription = {
  name: "small",
  source: "the tests",
  inputShape: [3, SIDE, SIDE],
  layers: [
    { kind: "separableConvolution", name: "conv1", filters: 6, kernelSize: 3 },
    { kind: "relu" },
    { kind: "maxPool", size: 2 },
    { kind: "flatten" },
    { kind: "dense", name: "dense1", units: 2 },
  ],
};
export const arrays = initialize(model, 3);

interface FileOptions {
  readonly views?: number;
  /** Other arrays than its own. */
  readonly changed?: Arrays;
  readonly metadata?: Readonly<Record<string, string>>;
}

export function smallModelFile({ views = 1, changed = arrays, metadata = {} }: FileOptions = {}): Uint8Array {
  return toOnnx(lowerForCpu(buildInferenceGraph({ model, arrays: changed, views })), { metadata });
}
