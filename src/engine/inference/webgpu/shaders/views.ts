/** The views of images, as numbers from 0 to 1. */
import { viewsOfSquare } from "../../../models/views.ts";
import { IMAGE_CHANNELS } from "../../packing.ts";
import type { GpuStep } from "../step.ts";

/** A pixel of an image is one number: red + 256 * green + 65,536 * blue. The factor is that of run_plan.ts. */
const CODE = `
struct Sizes { views: u32, pixels: u32 }
@group(0) @binding(0) var<storage, read> images: array<u32>;
@group(0) @binding(1) var<storage, read_write> output: array<vec4f>;
@group(0) @binding(2) var<uniform> sizes: Sizes;
@group(0) @binding(3) var<storage, read> places: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= sizes.pixels) { return; }
  let image = id.y / sizes.views;
  let view = id.y % sizes.views;
  let pixel = images[image * sizes.pixels + places[view * sizes.pixels + id.x]];
  let bytes = vec4u(pixel & 255u, (pixel >> 8u) & 255u, (pixel >> 16u) & 255u, 0u);
  output[id.y * sizes.pixels + id.x] = vec4f(bytes) * ${Math.fround(1 / 255)}f;
}`;

/** Reads images, [image][pixel], and writes their views, [image][view][pixel]. @param side of the model's input */
export function viewsStep(side: number, views: number): GpuStep {
  const pixels = side * side;
  const places = new Uint32Array(views * pixels);
  for (const [view, one] of viewsOfSquare(side, views).entries()) places.set(one, view * pixels);
  return {
    code: CODE,
    sizes: [views, pixels],
    arrays: [places],
    output: { height: side, width: side, channels: 3, stored: IMAGE_CHANNELS },
    workgroups: (count) => [Math.ceil(pixels / 64), count],
  };
}
