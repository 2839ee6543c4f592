/** The maximum of each 2x2 pixels, and the mean of all pixels. */
import { type GpuArea, type GpuStep, quadsOf } from "../step.ts";

const MAXIMUM = `
override height: u32;
override width: u32;
override quads: u32;
@group(0) @binding(0) var<storage, read> input: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> output: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let half = width / 2u;
  let size = height / 2u * half * quads;
  if (id.x >= size) { return; }
  let row = id.x / quads / half;
  let column = id.x / quads % half;
  let below = width * quads;
  let at = id.y * height * below + row * 2u * below + column * 2u * quads + id.x % quads;
  let upper = max(input[at], input[at + quads]);
  let lower = max(input[at + below], input[at + below + quads]);
  output[id.y * size + id.x] = max(upper, lower);
}`;

const MEAN = `
override pixels: u32;
override quads: u32;
@group(0) @binding(0) var<storage, read> input: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> output: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= quads) { return; }
  var sum = vec4f();
  for (var pixel = 0u; pixel < pixels; pixel++) {
    sum += input[(id.y * pixels + pixel) * quads + id.x];
  }
  output[id.y * quads + id.x] = sum / f32(pixels);
}`;

/** A row or column that is left over is left out. */
export function maximumStep(input: GpuArea): GpuStep {
  const { height, width } = input;
  const quads = quadsOf(input);
  const output = { ...input, height: height >> 1, width: width >> 1 };
  return {
    code: MAXIMUM,
    constants: { height, width, quads },
    arrays: [],
    output,
    workgroups: (count) => [Math.ceil((output.height * output.width * quads) / 64), count],
  };
}

export function meanStep(input: GpuArea): GpuStep {
  const quads = quadsOf(input);
  return {
    code: MEAN,
    constants: { pixels: input.height * input.width, quads },
    arrays: [],
    output: { ...input, height: 1, width: 1 },
    workgroups: (count) => [Math.ceil(quads / 64), count],
  };
}
