/** Depthwise convolution, 3x3, with zeros around the image. */
import { type GpuArea, type GpuStep, quadsOf } from "../step.ts";

const CODE = `
override height: u32;
override width: u32;
override quads: u32;
@group(0) @binding(0) var<storage, read> input: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> output: array<vec4f>;
@group(0) @binding(2) var<storage, read> taps: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let size = height * width * quads;
  if (id.x >= size) { return; }
  let quad = id.x % quads;
  let row = id.x / quads / width;
  let column = id.x / quads % width;
  let image = id.y * size;
  var sum = vec4f();
  for (var tap = 0u; tap < 9u; tap++) {
    // Rows and columns are counted from the border, which has the numbers 0 and height + 1 (width + 1).
    let y = row + tap / 3u;
    let x = column + tap % 3u;
    if (y >= 1u && y <= height && x >= 1u && x <= width) {
      sum += input[image + ((y - 1u) * width + x - 1u) * quads + quad] * taps[tap * quads + quad];
    }
  }
  output[image + id.x] = sum;
}`;

/** @param taps [3][3][channels], as packing.ts writes them */
export function depthwiseStep(input: GpuArea, taps: Float32Array): GpuStep {
  const { height, width } = input;
  const quads = quadsOf(input);
  return {
    code: CODE,
    constants: { height, width, quads },
    arrays: [taps],
    output: input,
    workgroups: (count) => [Math.ceil((height * width * quads) / 64), count],
  };
}
