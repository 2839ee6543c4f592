/**
 * The 1x1 convolution for few input channels (AssemblyScript). For an image's three channels, packing the data for a
 * matrix product would cost more than the product.
 */

/** Bytes of the four vectors that one iteration of a loop processes. */
const CHUNK: usize = 64;

/**
 * output[o][p] = sum over i of weights[o][i] * x[i][p].
 * @param x [n][inputs][hw] dense
 * @param weights [outputs][inputs]
 * @param output [n][outputs][hw] dense
 */
export function pointwiseForward(
  x: usize,
  weights: usize,
  output: usize,
  n: i32,
  inputs: i32,
  outputs: i32,
  hw: i32,
): void {
  const plane = usize(hw) << 2;
  let to = output;
  for (let image = 0; image < n; image++) {
    const from = x + usize(image * inputs) * plane;
    for (let channel = 0; channel < outputs; channel++) {
      const row = weights + (usize(channel * inputs) << 2);
      if (plane < CHUNK) mixFew(from, row, to, inputs, plane);
      else mixPlane(from, row, to, inputs, plane);
      to += plane;
    }
  }
}

/** Computes one output plane. The last chunk may overlap the previous one and then computes the same numbers again. */
function mixPlane(x: usize, weights: usize, output: usize, inputs: i32, plane: usize): void {
  for (let start: usize = 0; start < plane; start += CHUNK) {
    const at = min(start, plane - CHUNK);
    let p = x + at;
    let weight = v128.load32_splat(weights);
    let v0 = f32x4.mul(weight, v128.load(p));
    let v1 = f32x4.mul(weight, v128.load(p, 16));
    let v2 = f32x4.mul(weight, v128.load(p, 32));
    let v3 = f32x4.mul(weight, v128.load(p, 48));
    for (let i: usize = 1; i < usize(inputs); i++) {
      p += plane;
      weight = v128.load32_splat(weights + (i << 2));
      v0 = f32x4.add(v0, f32x4.mul(weight, v128.load(p)));
      v1 = f32x4.add(v1, f32x4.mul(weight, v128.load(p, 16)));
      v2 = f32x4.add(v2, f32x4.mul(weight, v128.load(p, 32)));
      v3 = f32x4.add(v3, f32x4.mul(weight, v128.load(p, 48)));
    }
    v128.store(output + at, v0);
    v128.store(output + at, v1, 16);
    v128.store(output + at, v2, 32);
    v128.store(output + at, v3, 48);
  }
}

/** Computes one output plane of fewer than 16 pixels. */
function mixFew(x: usize, weights: usize, output: usize, inputs: i32, plane: usize): void {
  for (let at: usize = 0; at < plane; at += 4) {
    let sum = load<f32>(weights) * load<f32>(x + at);
    for (let i: usize = 1; i < usize(inputs); i++) {
      sum += load<f32>(weights + (i << 2)) * load<f32>(x + i * plane + at);
    }
    store<f32>(output + at, sum);
  }
}
