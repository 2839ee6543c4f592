/**
 * The depthwise 3x3 convolution with padding 1 (AssemblyScript). Channels are the innermost dimension, so that a vector
 * holds four channels of one pixel.
 */
import { addProduct } from "./lanes.ts";

/**
 * @param input [h + 2][w + 2][channels], with a border of zeros
 * @param weights [3][3][channels]
 * @param output [h][w][channels]
 * @param channels a multiple of 4
 */
export function depthwise(input: usize, weights: usize, output: usize, h: i32, w: i32, channels: i32): void {
  const pixel = usize(channels) << 2;
  const row = pixel * usize(w + 2);
  for (let y = 0; y < h; y++) {
    const from = input + usize(y) * row;
    const to = output + usize(y * w) * pixel;
    for (let channel: usize = 0; channel < pixel; channel += 16) {
      depthwiseRow(from + channel, weights + channel, to + channel, w, pixel, row);
    }
  }
}

/** One row of output pixels, four channels. */
function depthwiseRow(input: usize, weights: usize, output: usize, w: i32, pixel: usize, row: usize): void {
  const w0 = v128.load(weights);
  const w1 = v128.load(weights + pixel);
  const w2 = v128.load(weights + pixel * 2);
  const w3 = v128.load(weights + pixel * 3);
  const w4 = v128.load(weights + pixel * 4);
  const w5 = v128.load(weights + pixel * 5);
  const w6 = v128.load(weights + pixel * 6);
  const w7 = v128.load(weights + pixel * 7);
  const w8 = v128.load(weights + pixel * 8);
  const end = output + usize(w) * pixel;
  let upper = input;
  for (let to = output; to < end; to += pixel) {
    const middle = upper + row;
    const lower = middle + row;
    let top = f32x4.mul(v128.load(upper), w0);
    let centre = f32x4.mul(v128.load(middle), w3);
    let bottom = f32x4.mul(v128.load(lower), w6);
    top = addProduct(top, v128.load(upper + pixel), w1);
    centre = addProduct(centre, v128.load(middle + pixel), w4);
    bottom = addProduct(bottom, v128.load(lower + pixel), w7);
    top = addProduct(top, v128.load(upper + pixel * 2), w2);
    centre = addProduct(centre, v128.load(middle + pixel * 2), w5);
    bottom = addProduct(bottom, v128.load(lower + pixel * 2), w8);
    v128.store(to, f32x4.add(f32x4.add(top, centre), bottom));
    upper += pixel;
  }
}
