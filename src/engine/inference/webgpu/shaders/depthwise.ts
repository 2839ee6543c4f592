/** Depthwise convolution, 3x3, with zeros around the image. */
import { type GpuArea, type GpuStep, quadsOf } from "../step.ts";

const CODE = `
struct Sizes { height: u32, width: u32, quads: u32 }
@group(0) @binding(0) var<storage, read> input: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> output: array<vec4f>;
@group(0) @binding(2) var<uniform> sizes: Sizes;
@group(0) @binding(3) var<storage, read> taps: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let size = sizes.height * sizes.width * sizes.quads;
  if (id.x >= size) { return; }
  let quad = id.x % sizes.quads;
  let row = id.x / sizes.quads / sizes.width;
  let column = id.x / sizes.quads % sizes.width;
  let image = id.y * size;
  var sum = vec4f();
  for (var tap = 0u; tap < 9u; tap++) {
    // Rows and columns are counted from the border, which has the numbers 0 and sizes.height + 1 (sizes.width + 1).
    let y = row + tap / 3u;
    let x = column + tap % 3u;
    if (y >= 1u && y <= sizes.height && x >= 1u && x <= sizes.width) {
      sum += input[image + ((y - 1u) * sizes.width + x - 1u) * sizes.quads + quad] * taps[tap * sizes.quads + quad];
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
    sizes: [height, width, quads],
    arrays: [taps],
    output: input,
    workgroups: (count) => [Math.ceil((height * width * quads) / 64), count],
  };
}
