/**
 * Matrix multiplication with what follows it: bias, ReLU and normalization. A thread computes four rows times eight
 * outputs. A row is a pixel (pointwise convolution) or a view (dense layer).
 */
import type { AfterMatrix } from "../../packing.ts";
import { type GpuArea, type GpuStep, quadsOf } from "../step.ts";

/**
 * The last thread may compute rows behind the last one. What it reads there does not count, and it writes only inside the
 * buffer, which holds nothing else.
 */
const CODE = `
override quads: u32;
override panels: u32;
override relu: bool;
@group(0) @binding(0) var<storage, read> input: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> output: array<vec4f>;
@group(0) @binding(2) var<storage, read> matrix: array<vec4f>;
@group(0) @binding(3) var<storage, read> bias: array<vec4f>;
@group(0) @binding(4) var<storage, read> slope: array<vec4f>;
@group(0) @binding(5) var<storage, read> offset: array<vec4f>;

fn after(sum: vec4f, at: u32) -> vec4f {
  let biased = sum + bias[at];
  return select(biased, max(biased, vec4f()), relu) * slope[at] + offset[at];
}

@compute @workgroup_size(16, 4)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let panel = id.y;
  if (panel >= panels) { return; }
  let first = id.x * 4u;
  let last = arrayLength(&input) - 1u;
  var low = array<vec4f, 4>();
  var high = array<vec4f, 4>();
  for (var quad = 0u; quad < quads; quad++) {
    let at = (panel * quads + quad) * 8u;
    for (var row = 0u; row < 4u; row++) {
      let x = input[min((first + row) * quads + quad, last)];
      low[row] += x.x * matrix[at] + x.y * matrix[at + 2u] + x.z * matrix[at + 4u] + x.w * matrix[at + 6u];
      high[row] += x.x * matrix[at + 1u] + x.y * matrix[at + 3u] + x.z * matrix[at + 5u] + x.w * matrix[at + 7u];
    }
  }
  for (var row = 0u; row < 4u; row++) {
    let at = ((first + row) * panels + panel) * 2u;
    if (at + 1u < arrayLength(&output)) {
      output[at] = after(low[row], panel * 2u);
      output[at + 1u] = after(high[row], panel * 2u + 1u);
    }
  }
}`;

/**
 * @param input what is multiplied; all of it is one row if the output has one pixel
 * @param matrix [outputs / 8][inputs][8], as packing.ts writes it
 */
export function multiplyStep(input: GpuArea, matrix: Float32Array, after: AfterMatrix, output: GpuArea): GpuStep {
  const rows = output.height * output.width;
  const quads = (input.height * input.width * quadsOf(input)) / rows;
  const panels = output.stored / 8;
  return {
    code: CODE,
    constants: { quads, panels, relu: Number(after.relu) },
    arrays: [matrix, after.bias, after.slope, after.offset],
    output,
    workgroups: (count) => [Math.ceil((rows * count) / 64), Math.ceil(panels / 4)],
  };
}
