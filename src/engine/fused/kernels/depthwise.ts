/**
 * The depthwise 3x3 convolution with padding 1 (AssemblyScript), forward and backward. stencil.ts computes one plane.
 */
import { toBordered } from "./planes.ts";
import { addTapSums, convolvePlane } from "./stencil.ts";

/** input [n][c][h+2][w+2] bordered, weights [c][3][3], output [n][c][h][w] dense. */
export function depthwiseForward(input: usize, weights: usize, output: usize, n: i32, c: i32, h: i32, w: i32): void {
  const inputPlane = usize((h + 2) * (w + 2)) << 2;
  const outputPlane = usize(h * w) << 2;
  let from = input;
  let to = output;
  for (let image = 0; image < n; image++) {
    for (let channel = 0; channel < c; channel++) {
      convolvePlane(from, weights + channel * 36, 4, to, h, w);
      from += inputPlane;
      to += outputPlane;
    }
  }
}

/**
 * The gradients of depthwiseForward.
 * @param x its input, [n][c][h+2][w+2] bordered
 * @param g the gradient of its output, [n][c][h][w] dense
 * @param inputGradient [n][c][h][w] dense, or 0 to skip it
 * @param weightSums float64 [n][c][3][3], the gradient of the weights per image
 * @param scratch one plane [h+2][w+2] with a border of zeros; its interior is overwritten. Unused if inputGradient is
 *   0.
 */
export function depthwiseBackward(
  x: usize,
  g: usize,
  weights: usize,
  inputGradient: usize,
  weightSums: usize,
  scratch: usize,
  n: i32,
  c: i32,
  h: i32,
  w: i32,
): void {
  const borderedPlane = usize((h + 2) * (w + 2)) << 2;
  const densePlane = usize(h * w) << 2;
  const planes = usize(n * c);
  memory.fill(weightSums, 0, planes * 72);
  for (let plane: usize = 0; plane < planes; plane++) {
    const gradient = g + plane * densePlane;
    if (inputGradient !== 0) {
      toBordered(gradient, scratch, 1, h, w);
      convolvePlane(scratch, weights + (plane % usize(c)) * 36 + 32, -4, inputGradient + plane * densePlane, h, w);
    }
    addTapSums(x + plane * borderedPlane, gradient, weightSums + plane * 72, h, w);
  }
}
