/**
 * Sums of vectors in double precision (AssemblyScript). The kernels add in float32 over short runs only, and add the
 * partial sums in float64. This is nearly as exact as float64 throughout, at nearly the speed of float32.
 */

/** The number of vectors that a float32 lane adds up before its sum is added in float64. */
export const RUN_VECTORS: i32 = 32;

/** Adds four float32 lanes pairwise into two float64 lanes: [v0 + v2, v1 + v3]. */
export function widen(lanes: v128): v128 {
  const high = i32x4.shuffle(lanes, lanes, 2, 3, 2, 3);
  return f64x2.add(f64x2.promote_low_f32x4(lanes), f64x2.promote_low_f32x4(high));
}

/** The sum of two float64 lanes. */
export function total(lanes: v128): f64 {
  return f64x2.extract_lane(lanes, 0) + f64x2.extract_lane(lanes, 1);
}

/** Adds four float32 lanes to a float64 number in memory. */
export function addLanes(sum: usize, lanes: v128): void {
  store<f64>(sum, load<f64>(sum) + total(widen(lanes)));
}
