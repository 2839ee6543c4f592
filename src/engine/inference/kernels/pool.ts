/** Pooling over pixels, four channels at a time (AssemblyScript). */

/**
 * The maximum of each 2x2 window, without an odd last row or column. NaN stays NaN if it is the first of its window.
 * @param input [h][w][channels]
 * @param output [h / 2][w / 2][channels], with `rowBytes` bytes between the starts of rows
 * @param channels a multiple of 4
 */
export function poolMaximum(input: usize, output: usize, rowBytes: i32, h: i32, w: i32, channels: i32): void {
  const pixel = usize(channels) << 2;
  const row = pixel * usize(w);
  for (let y = 0; y < h >> 1; y++) {
    let from = input + usize(y * 2) * row;
    let to = output + usize(y * rowBytes);
    for (let x = 0; x < w >> 1; x++) {
      for (let channel: usize = 0; channel < pixel; channel += 16) {
        const p = from + channel;
        const upper = f32x4.pmax(v128.load(p), v128.load(p + pixel));
        const lower = f32x4.pmax(v128.load(p + row), v128.load(p + row + pixel));
        v128.store(to + channel, f32x4.pmax(upper, lower));
      }
      from += pixel * 2;
      to += pixel;
    }
  }
}

/**
 * The mean of all pixels.
 * @param input [pixels][channels]
 * @param output [channels]
 * @param channels a multiple of 4
 */
export function average(input: usize, output: usize, pixels: i32, channels: i32): void {
  const pixel = usize(channels) << 2;
  const count = f32x4.splat(f32(pixels));
  for (let channel: usize = 0; channel < pixel; channel += 16) {
    let sum = f32x4.splat(0);
    let p = input + channel;
    for (let place = 0; place < pixels; place++) {
      sum = f32x4.add(sum, v128.load(p));
      p += pixel;
    }
    v128.store(output + channel, f32x4.div(sum, count));
  }
}
