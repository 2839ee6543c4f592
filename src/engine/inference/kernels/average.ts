/** The mean over pixels, four channels at a time (AssemblyScript). */

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
