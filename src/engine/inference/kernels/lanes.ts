/** What the kernels share about vectors of four channels (AssemblyScript). */

/** acc + a * b, rounded twice on every machine: the fused operation of relaxed SIMD would differ between machines. */
export function addProduct(acc: v128, a: v128, b: v128): v128 {
  return f32x4.add(acc, f32x4.mul(a, b));
}
