/**
 * Matrix multiplication with what follows it in our models: bias, ReLU and batch normalization (AssemblyScript). A
 * pointwise convolution is the multiplication of all pixels; a dense layer is that of all views.
 */
import { addProduct, finished, PANEL, PANEL_BYTES } from "./lanes.ts";

/** Six pixels times eight outputs: as many sums as the registers hold. */
const TILE: i32 = 6;

/**
 * output = max(input * weights + bias, floor) * slope + offset.
 * @param input [rows * columns][inputs]
 * @param weights [outputs / 8][inputs][8]
 * @param bias, slope, offset [outputs]
 * @param floor 0 for ReLU, otherwise minus infinity; NaN stays NaN
 * @param output [rows][columns][outputs], with `rowBytes` bytes between the starts of rows
 * @param inputs an even number
 * @param outputs a multiple of 8
 */
export function multiplyMatrix(
  input: usize,
  weights: usize,
  bias: usize,
  floor: f32,
  slope: usize,
  offset: usize,
  output: usize,
  rowBytes: i32,
  rows: i32,
  columns: i32,
  inputs: i32,
  outputs: i32,
): void {
  const panelWeights = usize(inputs) * PANEL_BYTES;
  const from = usize(inputs) << 2;
  const to = usize(outputs) << 2;
  for (let panel: usize = 0; panel < usize(outputs / PANEL); panel++) {
    const at = panel * PANEL_BYTES;
    const matrix = weights + panel * panelWeights;
    let pixels = input;
    for (let y = 0; y < rows; y++) {
      let target = output + usize(y * rowBytes) + at;
      let x = 0;
      for (; x + TILE <= columns; x += TILE) {
        sixPixels(pixels, from, matrix, bias + at, floor, slope + at, offset + at, target, to);
        pixels += from * TILE;
        target += to * TILE;
      }
      for (; x < columns; x++) {
        onePixel(pixels, from, matrix, bias + at, floor, slope + at, offset + at, target);
        pixels += from;
        target += to;
      }
    }
  }
}

/** Eight outputs of six pixels. @param from, to bytes per pixel of input and output */
function sixPixels(
  input: usize,
  from: usize,
  weights: usize,
  bias: usize,
  floor: f32,
  slope: usize,
  offset: usize,
  output: usize,
  to: usize,
): void {
  let a0 = v128.load(bias);
  let b0 = v128.load(bias, 16);
  let a1 = a0;
  let b1 = b0;
  let a2 = a0;
  let b2 = b0;
  let a3 = a0;
  let b3 = b0;
  let a4 = a0;
  let b4 = b0;
  let a5 = a0;
  let b5 = b0;
  const end = input + from;
  let matrix = weights;
  // Two inputs per iteration, so that their addresses are computed once.
  for (let p = input; p < end; p += 8) {
    const p1 = p + from;
    const p2 = p1 + from;
    const p3 = p2 + from;
    const p4 = p3 + from;
    const p5 = p4 + from;
    let wa = v128.load(matrix);
    let wb = v128.load(matrix, 16);
    let x = v128.load32_splat(p);
    a0 = addProduct(a0, x, wa);
    b0 = addProduct(b0, x, wb);
    x = v128.load32_splat(p1);
    a1 = addProduct(a1, x, wa);
    b1 = addProduct(b1, x, wb);
    x = v128.load32_splat(p2);
    a2 = addProduct(a2, x, wa);
    b2 = addProduct(b2, x, wb);
    x = v128.load32_splat(p3);
    a3 = addProduct(a3, x, wa);
    b3 = addProduct(b3, x, wb);
    x = v128.load32_splat(p4);
    a4 = addProduct(a4, x, wa);
    b4 = addProduct(b4, x, wb);
    x = v128.load32_splat(p5);
    a5 = addProduct(a5, x, wa);
    b5 = addProduct(b5, x, wb);
    wa = v128.load(matrix, 32);
    wb = v128.load(matrix, 48);
    x = v128.load32_splat(p, 4);
    a0 = addProduct(a0, x, wa);
    b0 = addProduct(b0, x, wb);
    x = v128.load32_splat(p1, 4);
    a1 = addProduct(a1, x, wa);
    b1 = addProduct(b1, x, wb);
    x = v128.load32_splat(p2, 4);
    a2 = addProduct(a2, x, wa);
    b2 = addProduct(b2, x, wb);
    x = v128.load32_splat(p3, 4);
    a3 = addProduct(a3, x, wa);
    b3 = addProduct(b3, x, wb);
    x = v128.load32_splat(p4, 4);
    a4 = addProduct(a4, x, wa);
    b4 = addProduct(b4, x, wb);
    x = v128.load32_splat(p5, 4);
    a5 = addProduct(a5, x, wa);
    b5 = addProduct(b5, x, wb);
    matrix += PANEL_BYTES * 2;
  }
  finish(a0, b0, floor, slope, offset, output);
  finish(a1, b1, floor, slope, offset, output + to);
  finish(a2, b2, floor, slope, offset, output + to * 2);
  finish(a3, b3, floor, slope, offset, output + to * 3);
  finish(a4, b4, floor, slope, offset, output + to * 4);
  finish(a5, b5, floor, slope, offset, output + to * 5);
}

/** Eight outputs of one pixel. */
function onePixel(
  input: usize,
  from: usize,
  weights: usize,
  bias: usize,
  floor: f32,
  slope: usize,
  offset: usize,
  output: usize,
): void {
  let a = v128.load(bias);
  let b = v128.load(bias, 16);
  let matrix = weights;
  const end = input + from;
  for (let p = input; p < end; p += 4) {
    const x = v128.load32_splat(p);
    a = addProduct(a, x, v128.load(matrix));
    b = addProduct(b, x, v128.load(matrix, 16));
    matrix += PANEL_BYTES;
  }
  finish(a, b, floor, slope, offset, output);
}

/** Applies floor, slope and offset to eight sums, and stores them. */
function finish(a: v128, b: v128, floor: f32, slope: usize, offset: usize, output: usize): void {
  const least = f32x4.splat(floor);
  v128.store(output, finished(a, least, v128.load(slope), v128.load(offset)));
  v128.store(output, finished(b, least, v128.load(slope, 16), v128.load(offset, 16)), 16);
}
