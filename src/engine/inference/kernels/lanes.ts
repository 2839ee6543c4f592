/** What the kernels share about vectors of four channels (AssemblyScript). */

/** The multiplications compute this many outputs at a time; their weights are stored in panels of so many. */
export const PANEL: i32 = 8;
export const PANEL_BYTES: usize = 32;

/** acc + a * b, rounded twice on every machine: the fused operation of relaxed SIMD would differ between machines. */
export function addProduct(acc: v128, a: v128, b: v128): v128 {
  return f32x4.add(acc, f32x4.mul(a, b));
}

/** max(sum, least) * factor + shift. pmax(a, b) is "a < b ? b : a": one instruction, and it keeps NaN. */
export function finished(sum: v128, least: v128, factor: v128, shift: v128): v128 {
  return f32x4.add(f32x4.mul(f32x4.pmax(sum, least), factor), shift);
}
