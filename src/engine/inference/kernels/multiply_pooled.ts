/**
 * Matrix multiplication with bias, ReLU and batch normalization, of which only the maximum of each 2x2 window of pixels is
 * stored (AssemblyScript). The results are those of multiply.ts, then pooled, without the pass through memory between.
 */
import { addProduct, finished, PANEL, PANEL_BYTES } from "./lanes.ts";

/**
 * output = the maximum over 2x2 windows of max(input * weights + bias, floor) * slope + offset. An odd last row or column
 * is left out.
 * @param input [h][w][inputs], of which the first `counted` count
 * @param weights [outputs / 8][inputs][8]
 * @param bias, slope, offset [outputs]
 * @param floor 0 for ReLU, otherwise minus infinity
 * @param output [h / 2][w / 2][outputs], with `rowBytes` bytes between the starts of rows
 * @param outputs a multiple of 8
 */
export function multiplyPooled(
  input: usize,
  weights: usize,
  bias: usize,
  floor: f32,
  slope: usize,
  offset: usize,
  output: usize,
  rowBytes: i32,
  h: i32,
  w: i32,
  inputs: i32,
  counted: i32,
  outputs: i32,
): void {
  const counts = usize(counted) << 2;
  const panelWeights = usize(inputs) * PANEL_BYTES;
  const pixel = usize(inputs) << 2;
  const row = pixel * usize(w);
  const step = usize(outputs) << 2;
  for (let y = 0; y < h >> 1; y++) {
    const upper = input + usize(y * 2) * row;
    const target = output + usize(y * rowBytes);
    for (let panel: usize = 0; panel < usize(outputs / PANEL); panel++) {
      const at = panel * PANEL_BYTES;
      const matrix = weights + panel * panelWeights;
      let from = upper;
      let to = target + at;
      for (let x = 0; x < w >> 1; x++) {
        oneWindow(from, counts, pixel, row, matrix, bias + at, floor, slope + at, offset + at, to);
        from += pixel * 2;
        to += step;
      }
    }
  }
}

/**
 * Eight outputs of one window.
 * @param counts the bytes of a pixel that count
 * @param pixel, row bytes from a pixel to the next one, and to the one below
 */
function oneWindow(
  input: usize,
  counts: usize,
  pixel: usize,
  row: usize,
  weights: usize,
  bias: usize,
  floor: f32,
  slope: usize,
  offset: usize,
  output: usize,
): void {
  let a0 = v128.load(bias);
  let b0 = v128.load(bias, 16);
  let a1 = a0;
  let b1 = b0;
  let a2 = a0;
  let b2 = b0;
  let a3 = a0;
  let b3 = b0;
  const end = input + counts;
  let matrix = weights;
  for (let p = input; p < end; p += 4) {
    const below = p + row;
    const wa = v128.load(matrix);
    const wb = v128.load(matrix, 16);
    let x = v128.load32_splat(p);
    a0 = addProduct(a0, x, wa);
    b0 = addProduct(b0, x, wb);
    x = v128.load32_splat(p + pixel);
    a1 = addProduct(a1, x, wa);
    b1 = addProduct(b1, x, wb);
    x = v128.load32_splat(below);
    a2 = addProduct(a2, x, wa);
    b2 = addProduct(b2, x, wb);
    x = v128.load32_splat(below + pixel);
    a3 = addProduct(a3, x, wa);
    b3 = addProduct(b3, x, wb);
    matrix += PANEL_BYTES;
  }
  storeMaximum(a0, a1, a2, a3, floor, slope, offset, output);
  storeMaximum(b0, b1, b2, b3, floor, slope + 16, offset + 16, output + 16);
}

/**
 * Stores the maximum of four results. A result rises with its sum if its slope is positive, and falls if it is negative, so
 * it is that of the largest or of the smallest sum, bit for bit.
 */
function storeMaximum(
  a: v128,
  b: v128,
  c: v128,
  d: v128,
  floor: f32,
  slope: usize,
  offset: usize,
  output: usize,
): void {
  const factor = v128.load(slope);
  const largest = f32x4.pmax(f32x4.pmax(a, b), f32x4.pmax(c, d));
  const smallest = f32x4.pmin(f32x4.pmin(a, b), f32x4.pmin(c, d));
  const sum = v128.bitselect(largest, smallest, f32x4.ge(factor, f32x4.splat(0)));
  v128.store(output, finished(sum, f32x4.splat(floor), factor, v128.load(offset)));
}
