/** The maximum of each 2x2 pixels, and the mean of all pixels. */
import { type GpuArea, type GpuStep, quadsOf } from "../step.ts";

const MAXIMUM = `
struct Sizes { height: u32, width: u32, quads: u32 }
@group(0) @binding(0) var<storage, read> input: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> output: array<vec4f>;
@group(0) @binding(2) var<uniform> sizes: Sizes;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let half = sizes.width / 2u;
  let size = sizes.height / 2u * half * sizes.quads;
  if (id.x >= size) { return; }
  let row = id.x / sizes.quads / half;
  let column = id.x / sizes.quads % half;
  let below = sizes.width * sizes.quads;
  let at = id.y * sizes.height * below + row * 2u * below + column * 2u * sizes.quads + id.x % sizes.quads;
  let upper = max(input[at], input[at + sizes.quads]);
  let lower = max(input[at + below], input[at + below + sizes.quads]);
  output[id.y * size + id.x] = max(upper, lower);
}`;

const MEAN = `
struct Sizes { pixels: u32, quads: u32 }
@group(0) @binding(0) var<storage, read> input: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> output: array<vec4f>;
@group(0) @binding(2) var<uniform> sizes: Sizes;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= sizes.quads) { return; }
  var sum = vec4f();
  for (var pixel = 0u; pixel < sizes.pixels; pixel++) {
    sum += input[(id.y * sizes.pixels + pixel) * sizes.quads + id.x];
  }
  output[id.y * sizes.quads + id.x] = sum / f32(sizes.pixels);
}`;

/** A row or column that is left over is left out. */
export function maximumStep(input: GpuArea): GpuStep {
  const { height, width } = input;
  const quads = quadsOf(input);
  const output = { ...input, height: height >> 1, width: width >> 1 };
  return {
    code: MAXIMUM,
    sizes: [height, width, quads],
    arrays: [],
    output,
    workgroups: (count) => [Math.ceil((output.height * output.width * quads) / 64), count],
  };
}

export function meanStep(input: GpuArea): GpuStep {
  const quads = quadsOf(input);
  return {
    code: MEAN,
    sizes: [input.height * input.width, quads],
    arrays: [],
    output: { ...input, height: 1, width: 1 },
    workgroups: (count) => [Math.ceil(quads / 64), count],
  };
}
