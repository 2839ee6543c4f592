/**
 * Matrix multiplication with what follows it: bias, ReLU and normalization. A thread computes four rows times eight
 * outputs. A row is a pixel (pointwise convolution) or a view (dense layer).
 */
import type { AfterMatrix } from "../../packing.ts";
import { type GpuArea, type GpuStep, quadsOf } from "../step.ts";
import { linesOf } from "./lines.ts";

const ROWS = 4;

/**
 * The last thread may compute rows behind the last one. What it reads there does not count, and it writes only inside the
 * buffer, which holds nothing else.
 */
const CODE = `
struct Sizes { quads: u32, panels: u32, relu: u32 }
@group(0) @binding(0) var<storage, read> input: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> output: array<vec4f>;
@group(0) @binding(2) var<uniform> sizes: Sizes;
@group(0) @binding(3) var<storage, read> matrix: array<vec4f>;
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;
@group(0) @binding(5) var<storage, read> slope: array<vec4f>;
@group(0) @binding(6) var<storage, read> offset: array<vec4f>;

fn store(row: u32, panel: u32, low: vec4f, high: vec4f) {
  let at = (row * sizes.panels + panel) * 2u;
  if (at + 1u < arrayLength(&output)) {
    output[at] = after(low, panel * 2u);
    output[at + 1u] = after(high, panel * 2u + 1u);
  }
}

fn after(sum: vec4f, at: u32) -> vec4f {
  let biased = sum + bias[at];
  return select(biased, max(biased, vec4f()), sizes.relu == 1u) * slope[at] + offset[at];
}

@compute @workgroup_size(16, 4)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let panel = id.y;
  if (panel >= sizes.panels) { return; }
  let first = id.x * ${ROWS}u;
  let last = arrayLength(&input) - 1u;
${linesOf(ROWS, (row) => `  var low${row} = vec4f();\n  var high${row} = vec4f();`)}
  for (var quad = 0u; quad < sizes.quads; quad++) {
    let at = (panel * sizes.quads + quad) * 8u;
${linesOf(8, (place) => `    let w${place} = matrix[at + ${place}u];`)}
${linesOf(
  ROWS,
  (row) => `    {
      let x = input[min((first + ${row}u) * sizes.quads + quad, last)];
      low${row} += x.x * w0 + x.y * w2 + x.z * w4 + x.w * w6;
      high${row} += x.x * w1 + x.y * w3 + x.z * w5 + x.w * w7;
    }`,
)}
  }
${linesOf(ROWS, (row) => `  store(first + ${row}u, panel, low${row}, high${row});`)}
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
    sizes: [quads, panels, Number(after.relu)],
    arrays: [matrix, after.bias, after.slope, after.offset],
    output,
    workgroups: (count) => [Math.ceil((rows * count) / (16 * ROWS)), Math.ceil(panels / 4)],
  };
}
