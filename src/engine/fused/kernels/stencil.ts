/**
 * The 3x3 stencil on one plane (AssemblyScript): the convolution, and the gradient of its nine taps. depthwise.ts loops
 * over the planes.
 */
import { addLanes, RUN_VECTORS } from "./lanes.ts";

/**
 * output[y][x] = sum over ky, kx of tap[ky][kx] * input[y+ky][x+kx].
 * Works on tiles of 2 rows x 4 columns, which share their loads. If the size is not a multiple of the tile, the last
 * tile overlaps its neighbour and computes the same numbers again. The order of summation is the same in a tile and for
 * a single element.
 * @param input a bordered plane [h+2][w+2]
 * @param taps the address of the first tap; each next tap is `step` bytes further (-4 reads the kernel backwards, which
 *   flips it)
 * @param output a dense plane [h][w]
 */
export function convolvePlane(input: usize, taps: usize, step: isize, output: usize, h: i32, w: i32): void {
  if (h < 2 || w < 4) {
    convolveSmallPlane(input, taps, step, output, h, w);
    return;
  }
  const k0 = v128.load32_splat(taps);
  const k1 = v128.load32_splat(taps + step);
  const k2 = v128.load32_splat(taps + 2 * step);
  const k3 = v128.load32_splat(taps + 3 * step);
  const k4 = v128.load32_splat(taps + 4 * step);
  const k5 = v128.load32_splat(taps + 5 * step);
  const k6 = v128.load32_splat(taps + 6 * step);
  const k7 = v128.load32_splat(taps + 7 * step);
  const k8 = v128.load32_splat(taps + 8 * step);
  const inputRow = usize(w + 2) << 2;
  const outputRow = usize(w) << 2;
  const lastColumn = usize(w - 4) << 2;
  for (let y = 0; y < h; y += 2) {
    const top = min(y, h - 2);
    const row0 = input + usize(top) * inputRow;
    const row1 = row0 + inputRow;
    const row2 = row1 + inputRow;
    const row3 = row2 + inputRow;
    const out = output + usize(top) * outputRow;
    for (let x: usize = 0; x < outputRow; x += 16) {
      const at = min(x, lastColumn);
      let upper = f32x4.mul(k0, v128.load(row0 + at));
      upper = f32x4.add(upper, f32x4.mul(k1, v128.load(row0 + at, 4)));
      upper = f32x4.add(upper, f32x4.mul(k2, v128.load(row0 + at, 8)));
      let v = v128.load(row1 + at);
      upper = f32x4.add(upper, f32x4.mul(k3, v));
      let lower = f32x4.mul(k0, v);
      v = v128.load(row1 + at, 4);
      upper = f32x4.add(upper, f32x4.mul(k4, v));
      lower = f32x4.add(lower, f32x4.mul(k1, v));
      v = v128.load(row1 + at, 8);
      upper = f32x4.add(upper, f32x4.mul(k5, v));
      lower = f32x4.add(lower, f32x4.mul(k2, v));
      v = v128.load(row2 + at);
      upper = f32x4.add(upper, f32x4.mul(k6, v));
      lower = f32x4.add(lower, f32x4.mul(k3, v));
      v = v128.load(row2 + at, 4);
      upper = f32x4.add(upper, f32x4.mul(k7, v));
      lower = f32x4.add(lower, f32x4.mul(k4, v));
      v = v128.load(row2 + at, 8);
      upper = f32x4.add(upper, f32x4.mul(k8, v));
      lower = f32x4.add(lower, f32x4.mul(k5, v));
      lower = f32x4.add(lower, f32x4.mul(k6, v128.load(row3 + at)));
      lower = f32x4.add(lower, f32x4.mul(k7, v128.load(row3 + at, 4)));
      lower = f32x4.add(lower, f32x4.mul(k8, v128.load(row3 + at, 8)));
      v128.store(out + at, upper);
      v128.store(out + at + outputRow, lower);
    }
  }
}

function convolveSmallPlane(input: usize, taps: usize, step: isize, output: usize, h: i32, w: i32): void {
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      let sum: f32 = 0;
      for (let k = 0; k < 9; k++) {
        const pixel = load<f32>(input + (usize((y + k / 3) * (w + 2) + x + (k % 3)) << 2));
        sum += load<f32>(taps + isize(k) * step) * pixel;
      }
      store<f32>(output + (usize(y * w + x) << 2), sum);
    }
  }
}

/**
 * sums[ky][kx] += sum over y, x of g[y][x] * input[y+ky][x+kx], the gradient of the nine taps.
 * @param input a bordered plane [h+2][w+2]
 * @param g a dense plane [h][w]
 * @param sums nine float64 numbers
 */
export function addTapSums(input: usize, g: usize, sums: usize, h: i32, w: i32): void {
  if (w < 4) {
    addSmallTapSums(input, g, sums, h, w);
    return;
  }
  const runRows = ((RUN_VECTORS << 2) / w + 2) & ~1;
  for (let y = 0; y < h; y += runRows) {
    const first = usize(y);
    addRowTapSums(input + ((first * usize(w + 2)) << 2), g + ((first * usize(w)) << 2), sums, min(runRows, h - y), w);
  }
}

/**
 * Does the same for a few rows, in tiles. If a tile overlaps its neighbour or extends beyond the last row, a mask
 * prevents double counting.
 */
function addRowTapSums(input: usize, g: usize, sums: usize, h: i32, w: i32): void {
  const inputRow = usize(w + 2) << 2;
  const gRow = usize(w) << 2;
  const lastColumn = usize(w - 4) << 2;
  const lanes = i32x4(0, 4, 8, 12);
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  let s5 = s0;
  let s6 = s0;
  let s7 = s0;
  let s8 = s0;
  for (let y = 0; y < h; y += 2) {
    const isPair = y + 1 < h;
    const row0 = input + usize(y) * inputRow;
    const row1 = row0 + inputRow;
    const row2 = row1 + inputRow;
    const row3 = isPair ? row2 + inputRow : row2;
    const upperRow = g + usize(y) * gRow;
    const lowerRow = isPair ? upperRow + gRow : upperRow;
    const lowerMask = i32x4.splat(isPair ? -1 : 0);
    for (let x: usize = 0; x < gRow; x += 16) {
      const at = min(x, lastColumn);
      const isNew = i32x4.ge_s(lanes, i32x4.splat(i32(x - at)));
      const upper = v128.and(v128.load(upperRow + at), isNew);
      const lower = v128.and(v128.load(lowerRow + at), v128.and(isNew, lowerMask));
      s0 = f32x4.add(s0, f32x4.mul(upper, v128.load(row0 + at)));
      s1 = f32x4.add(s1, f32x4.mul(upper, v128.load(row0 + at, 4)));
      s2 = f32x4.add(s2, f32x4.mul(upper, v128.load(row0 + at, 8)));
      let v = v128.load(row1 + at);
      s3 = f32x4.add(s3, f32x4.mul(upper, v));
      s0 = f32x4.add(s0, f32x4.mul(lower, v));
      v = v128.load(row1 + at, 4);
      s4 = f32x4.add(s4, f32x4.mul(upper, v));
      s1 = f32x4.add(s1, f32x4.mul(lower, v));
      v = v128.load(row1 + at, 8);
      s5 = f32x4.add(s5, f32x4.mul(upper, v));
      s2 = f32x4.add(s2, f32x4.mul(lower, v));
      v = v128.load(row2 + at);
      s6 = f32x4.add(s6, f32x4.mul(upper, v));
      s3 = f32x4.add(s3, f32x4.mul(lower, v));
      v = v128.load(row2 + at, 4);
      s7 = f32x4.add(s7, f32x4.mul(upper, v));
      s4 = f32x4.add(s4, f32x4.mul(lower, v));
      v = v128.load(row2 + at, 8);
      s8 = f32x4.add(s8, f32x4.mul(upper, v));
      s5 = f32x4.add(s5, f32x4.mul(lower, v));
      s6 = f32x4.add(s6, f32x4.mul(lower, v128.load(row3 + at)));
      s7 = f32x4.add(s7, f32x4.mul(lower, v128.load(row3 + at, 4)));
      s8 = f32x4.add(s8, f32x4.mul(lower, v128.load(row3 + at, 8)));
    }
  }
  addLanes(sums, s0);
  addLanes(sums + 8, s1);
  addLanes(sums + 16, s2);
  addLanes(sums + 24, s3);
  addLanes(sums + 32, s4);
  addLanes(sums + 40, s5);
  addLanes(sums + 48, s6);
  addLanes(sums + 56, s7);
  addLanes(sums + 64, s8);
}

function addSmallTapSums(input: usize, g: usize, sums: usize, h: i32, w: i32): void {
  for (let k = 0; k < 9; k++) {
    let sum: f64 = 0;
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++) {
        const pixel = load<f32>(input + (usize((y + k / 3) * (w + 2) + x + (k % 3)) << 2));
        sum += f64(load<f32>(g + (usize(y * w + x) << 2))) * f64(pixel);
      }
    }
    store<f64>(sums + (usize(k) << 3), load<f64>(sums + (usize(k) << 3)) + sum);
  }
}
