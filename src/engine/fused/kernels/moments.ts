/**
 * Kernels around ReLU and batch normalization (AssemblyScript). Each makes one pass over dense planes and computes the
 * sums per image and channel that the layer needs from the whole batch. The caller evaluates the sums.
 */
import { RUN_VECTORS, total, widen } from "./lanes.ts";

/** Bytes of the two vectors that one iteration of a loop processes. */
const PAIR: usize = 32;
const RUN: usize = usize(RUN_VECTORS) * PAIR;

/**
 * x = max(x + bias, 0) in place; NaN stays NaN.
 * @param x [n][c][hw]
 * @param bias [c]
 * @param sums float64 [n][c][2]: the sum and the sum of squares of the new x
 */
export function biasReluMoments(x: usize, bias: usize, sums: usize, n: i32, c: i32, hw: i32): void {
  const zero = f32x4.splat(0);
  const bytes = usize(hw) << 2;
  let p = x;
  for (let plane = 0; plane < n * c; plane++) {
    const shift = load<f32>(bias + (usize(plane % c) << 2));
    const shifts = f32x4.splat(shift);
    const end = p + bytes;
    const pairsEnd = p + (bytes & ~(PAIR - 1));
    let wideSum = f64x2.splat(0);
    let wideSquares = f64x2.splat(0);
    while (p < pairsEnd) {
      const runEnd = min(p + RUN, pairsEnd);
      let sum0 = zero;
      let sum1 = zero;
      let squares0 = zero;
      let squares1 = zero;
      for (; p < runEnd; p += PAIR) {
        // pmax(a, 0) is "a < 0 ? 0 : a". It is one instruction, while max needs seven, and it keeps NaN.
        const v0 = f32x4.pmax(f32x4.add(v128.load(p), shifts), zero);
        const v1 = f32x4.pmax(f32x4.add(v128.load(p, 16), shifts), zero);
        v128.store(p, v0);
        v128.store(p, v1, 16);
        sum0 = f32x4.add(sum0, v0);
        sum1 = f32x4.add(sum1, v1);
        squares0 = f32x4.add(squares0, f32x4.mul(v0, v0));
        squares1 = f32x4.add(squares1, f32x4.mul(v1, v1));
      }
      wideSum = f64x2.add(wideSum, f64x2.add(widen(sum0), widen(sum1)));
      wideSquares = f64x2.add(wideSquares, f64x2.add(widen(squares0), widen(squares1)));
    }
    let sum = total(wideSum);
    let squares = total(wideSquares);
    for (; p < end; p += 4) {
      const v = max<f32>(load<f32>(p) + shift, 0);
      store<f32>(p, v);
      sum += f64(v);
      squares += f64(v) * f64(v);
    }
    store<f64>(sums + (usize(plane) << 4), sum);
    store<f64>(sums + (usize(plane) << 4), squares, 8);
  }
}

/**
 * The sums that the gradient of a normalization needs from the batch.
 * @param g the gradient of its output, [n][c][hw]
 * @param x its input, [n][c][hw]
 * @param sums float64 [n][c][2]: the sum of g and the sum of g * x
 */
export function backwardMoments(g: usize, x: usize, sums: usize, n: i32, c: i32, hw: i32): void {
  const zero = f32x4.splat(0);
  const bytes = usize(hw) << 2;
  let p = g;
  let q = x;
  for (let plane = 0; plane < n * c; plane++) {
    const end = p + bytes;
    const pairsEnd = p + (bytes & ~(PAIR - 1));
    let wideSum = f64x2.splat(0);
    let wideProducts = f64x2.splat(0);
    while (p < pairsEnd) {
      const runEnd = min(p + RUN, pairsEnd);
      let sum0 = zero;
      let sum1 = zero;
      let products0 = zero;
      let products1 = zero;
      for (; p < runEnd; p += PAIR) {
        const v0 = v128.load(p);
        const v1 = v128.load(p, 16);
        sum0 = f32x4.add(sum0, v0);
        sum1 = f32x4.add(sum1, v1);
        products0 = f32x4.add(products0, f32x4.mul(v0, v128.load(q)));
        products1 = f32x4.add(products1, f32x4.mul(v1, v128.load(q, 16)));
        q += PAIR;
      }
      wideSum = f64x2.add(wideSum, f64x2.add(widen(sum0), widen(sum1)));
      wideProducts = f64x2.add(wideProducts, f64x2.add(widen(products0), widen(products1)));
    }
    let sum = total(wideSum);
    let products = total(wideProducts);
    for (; p < end; p += 4) {
      sum += f64(load<f32>(p));
      products += f64(load<f32>(p)) * f64(load<f32>(q));
      q += 4;
    }
    store<f64>(sums + (usize(plane) << 4), sum);
    store<f64>(sums + (usize(plane) << 4), products, 8);
  }
}

/**
 * g = x > 0 ? a * g + b * x + offset : 0 in place: the gradient through the normalization and the ReLU before it.
 * @param g the gradient of the normalization's output, [n][c][hw]
 * @param x the output of the ReLU, [n][c][hw]
 * @param a, b, offset [c] each
 * @param biasSums float64 [n][c]: the sum of the new g, which is the gradient of the bias per image
 */
export function normalizeReluBackward(
  g: usize,
  x: usize,
  a: usize,
  b: usize,
  offset: usize,
  biasSums: usize,
  n: i32,
  c: i32,
  hw: i32,
): void {
  const zero = f32x4.splat(0);
  const bytes = usize(hw) << 2;
  let p = g;
  let q = x;
  for (let plane = 0; plane < n * c; plane++) {
    const channel = usize(plane % c) << 2;
    const ofG = load<f32>(a + channel);
    const ofX = load<f32>(b + channel);
    const shift = load<f32>(offset + channel);
    const ofGs = f32x4.splat(ofG);
    const ofXs = f32x4.splat(ofX);
    const shifts = f32x4.splat(shift);
    const end = p + bytes;
    const pairsEnd = p + (bytes & ~(PAIR - 1));
    let wideSum = f64x2.splat(0);
    while (p < pairsEnd) {
      const runEnd = min(p + RUN, pairsEnd);
      let sum0 = zero;
      let sum1 = zero;
      for (; p < runEnd; p += PAIR) {
        const x0 = v128.load(q);
        const x1 = v128.load(q, 16);
        let v0 = f32x4.add(f32x4.mul(ofGs, v128.load(p)), f32x4.mul(ofXs, x0));
        let v1 = f32x4.add(f32x4.mul(ofGs, v128.load(p, 16)), f32x4.mul(ofXs, x1));
        v0 = v128.and(f32x4.add(v0, shifts), f32x4.gt(x0, zero));
        v1 = v128.and(f32x4.add(v1, shifts), f32x4.gt(x1, zero));
        v128.store(p, v0);
        v128.store(p, v1, 16);
        sum0 = f32x4.add(sum0, v0);
        sum1 = f32x4.add(sum1, v1);
        q += PAIR;
      }
      wideSum = f64x2.add(wideSum, f64x2.add(widen(sum0), widen(sum1)));
    }
    let sum = total(wideSum);
    for (; p < end; p += 4) {
      const value = load<f32>(q);
      const v: f32 = value > 0 ? ofG * load<f32>(p) + ofX * value + shift : 0;
      store<f32>(p, v);
      sum += f64(v);
      q += 4;
    }
    store<f64>(biasSums + (usize(plane) << 3), sum);
  }
}
