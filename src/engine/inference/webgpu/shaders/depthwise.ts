/** Depthwise convolution, 3x3, with zeros around the image. A thread computes four neighbouring pixels of a row. */
import { type GpuArea, type GpuStep, quadsOf } from "../step.ts";
import { linesOf } from "./lines.ts";

const PIXELS = 4;

/** Rows and columns are counted from the border, which has the numbers 0 and height + 1 (width + 1). */
const CODE = `
struct Sizes { height: u32, width: u32, quads: u32 }
@group(0) @binding(0) var<storage, read> input: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> output: array<vec4f>;
@group(0) @binding(2) var<uniform> sizes: Sizes;
@group(0) @binding(3) var<storage, read> taps: array<vec4f>;

/** The value of a column, counted from the border, in a row whose first pixel is at this place. */
fn inputAt(start: u32, column: u32) -> vec4f {
  if (column < 1u || column > sizes.width) { return vec4f(); }
  return input[start + (column - 1u) * sizes.quads];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let quads = sizes.quads;
  let groups = (sizes.width + ${PIXELS - 1}u) / ${PIXELS}u;
  if (id.x >= sizes.height * groups * quads) { return; }
  let quad = id.x % quads;
  let row = id.x / quads / groups;
  let first = id.x / quads % groups * ${PIXELS}u;
  let image = id.y * sizes.height * sizes.width * quads + quad;
${linesOf(PIXELS, (i) => `  var sum${i} = vec4f();`)}
  for (var line = 0u; line < 3u; line++) {
    let y = row + line;
    if (y < 1u || y > sizes.height) { continue; }
    let start = image + (y - 1u) * sizes.width * quads;
${linesOf(3, (i) => `    let tap${i} = taps[(line * 3u + ${i}u) * quads + quad];`)}
${linesOf(PIXELS + 2, (i) => `    let x${i} = inputAt(start, first + ${i}u);`)}
${linesOf(PIXELS, (i) => `    sum${i} += x${i} * tap0 + x${i + 1} * tap1 + x${i + 2} * tap2;`)}
  }
  let place = image + (row * sizes.width + first) * quads;
${linesOf(PIXELS, (i) => `  if (first + ${i}u < sizes.width) { output[place + ${i}u * quads] = sum${i}; }`)}
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
    workgroups: (count) => [Math.ceil((height * Math.ceil(width / PIXELS) * quads) / 64), count],
  };
}
