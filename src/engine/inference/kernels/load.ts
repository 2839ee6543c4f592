/** Brings an image's bytes into the layout of the other kernels (AssemblyScript). */

/** 1 / 255 for the three colours, and zero for the channel that only fills the vector. */
const SHARE: f32 = 1.0 / 255.0;

/**
 * Pixels of an image as numbers from 0 to 1, with a fourth channel of zeros.
 * @param image uint8 RGB; one byte behind it is read, and has no effect
 * @param sources uint32 [side * side] for each pixel, the place of its first byte in the image
 * @param output [side][side][4], with `rowBytes` bytes between the starts of rows
 */
export function loadImage(image: usize, sources: usize, output: usize, rowBytes: i32, side: i32): void {
  const share = f32x4.replace_lane(f32x4.splat(SHARE), 3, 0);
  let source = sources;
  for (let y = 0; y < side; y++) {
    const start = output + usize(y * rowBytes);
    const end = start + (usize(side) << 4);
    for (let to = start; to < end; to += 16) {
      const bytes = v128.load32_zero(image + usize(load<u32>(source)));
      const numbers = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes));
      v128.store(to, f32x4.mul(f32x4.convert_i32x4_u(numbers), share));
      source += 4;
    }
  }
}
