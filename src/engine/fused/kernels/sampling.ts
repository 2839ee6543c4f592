/**
 * Moves each image by its own affine map (AssemblyScript), with bilinear interpolation. nn/fill.ts describes the values
 * outside the image.
 */

/** Indices into FILL_MODES of nn/fill.ts; "nearest" is 0. */
const CONSTANT = 1;
const REFLECT = 2;
const WRAP = 3;
/** The same number as EDGE_PIXELS in nn/fill.ts. */
const EDGE_PIXELS: f32 = 1.0 / 1024.0;

/**
 * output[y][x] = input at M (x, y, 1), in coordinates in which -1 and 1 are the edges of the image.
 * @param input [n][c][h][w] dense, h and w at least 4
 * @param matrices [n][2][3]
 * @param output [n][c][h+2][w+2] bordered; the border is not changed
 * @param value the value outside the image if `fill` is CONSTANT
 */
export function moveImages(
  input: usize,
  matrices: usize,
  output: usize,
  n: i32,
  c: i32,
  h: i32,
  w: i32,
  fill: i32,
  value: f32,
): void {
  const plane = usize(h * w) << 2;
  const row = usize(w + 2) << 2;
  const borderedPlane = usize(h + 2) * row;
  for (let image = 0; image < n; image++) {
    const matrix = matrices + usize(image) * 24;
    const from = input + usize(image * c) * plane;
    const to = output + usize(image * c) * borderedPlane + row + 4;
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x += 4) {
        const column = min(x, w - 4);
        const target = to + usize(y) * row + (usize(column) << 2);
        movePixels(from, plane, matrix, column, y, target, borderedPlane, c, h, w, fill, value);
      }
    }
  }
}

/** Computes four adjacent pixels in all channels. */
function movePixels(
  from: usize,
  plane: usize,
  matrix: usize,
  column: i32,
  y: i32,
  to: usize,
  borderedPlane: usize,
  c: i32,
  h: i32,
  w: i32,
  fill: i32,
  value: f32,
): void {
  const columns = f32x4.add(f32x4.splat(<f32>column), f32x4(0, 1, 2, 3));
  const across = unitPlace(columns, <f32>w);
  const down = unitPlace(f32x4.splat(<f32>y), <f32>h);
  const atX = pixelPlace(matrix, across, down, w);
  const atY = pixelPlace(matrix + 12, across, down, h);
  const px = inside(atX, w, fill);
  const py = inside(atY, h, fill);
  const isOutside = fill === CONSTANT ? v128.or(outside(atX, w), outside(atY, h)) : i32x4.splat(0);
  const values = f32x4.splat(value);
  // The pixel to the left and above. At the far edge it is the second to last pixel, and the weight of the next pixel
  // is 1.
  const left = f32x4.min(f32x4.floor(px), f32x4.splat(<f32>(w - 2)));
  const top = f32x4.min(f32x4.floor(py), f32x4.splat(<f32>(h - 2)));
  const shareX = f32x4.sub(px, left);
  const shareY = f32x4.sub(py, top);
  const index = i32x4.add(i32x4.mul(i32x4.trunc_sat_f32x4_s(top), i32x4.splat(w)), i32x4.trunc_sat_f32x4_s(left));
  const bytes = i32x4.shl(index, 2);
  let p0 = from + usize(i32x4.extract_lane(bytes, 0));
  let p1 = from + usize(i32x4.extract_lane(bytes, 1));
  let p2 = from + usize(i32x4.extract_lane(bytes, 2));
  let p3 = from + usize(i32x4.extract_lane(bytes, 3));
  const next = usize(w) << 2;
  let target = to;
  for (let channel = 0; channel < c; channel++) {
    const upper = between(pairs(p0, p1), pairs(p2, p3), shareX);
    const lower = between(pairs(p0 + next, p1 + next), pairs(p2 + next, p3 + next), shareX);
    const read = f32x4.add(upper, f32x4.mul(f32x4.sub(lower, upper), shareY));
    v128.store(target, v128.bitselect(values, read, isOutside));
    p0 += plane;
    p1 += plane;
    p2 += plane;
    p3 += plane;
    target += borderedPlane;
  }
}

/** The center of a pixel, as a coordinate in -1..1. */
function unitPlace(index: v128, size: f32): v128 {
  const doubled = f32x4.add(f32x4.add(index, index), f32x4.splat(1));
  return f32x4.sub(f32x4.div(doubled, f32x4.splat(size)), f32x4.splat(1));
}

/** Applies one row of a matrix. Returns a position in pixels. */
function pixelPlace(row: usize, across: v128, down: v128, size: i32): v128 {
  let place = f32x4.mul(v128.load32_splat(row), across);
  place = f32x4.add(place, f32x4.mul(v128.load32_splat(row, 4), down));
  place = f32x4.add(place, v128.load32_splat(row, 8));
  const scaled = f32x4.mul(f32x4.add(place, f32x4.splat(1)), f32x4.splat(<f32>size));
  return f32x4.mul(f32x4.sub(scaled, f32x4.splat(1)), f32x4.splat(0.5));
}

/** Maps any position to the position in the image that is read for it. NaN becomes 0. */
function inside(place: v128, size: i32, fill: i32): v128 {
  const last = f32x4.splat(<f32>(size - 1));
  let pixels = place;
  if (fill === REFLECT) {
    const side = f32x4.splat(<f32>size);
    const along = f32x4.add(place, f32x4.splat(0.5));
    const periods = f32x4.floor(f32x4.div(along, f32x4.add(side, side)));
    const inPeriod = f32x4.sub(along, f32x4.mul(periods, f32x4.add(side, side)));
    pixels = f32x4.sub(f32x4.sub(side, f32x4.abs(f32x4.sub(inPeriod, side))), f32x4.splat(0.5));
  } else if (fill === WRAP) {
    const wrapped = f32x4.sub(place, f32x4.mul(f32x4.floor(f32x4.div(place, last)), last));
    pixels = v128.bitselect(wrapped, place, outside(place, size));
  }
  return f32x4.pmin(last, f32x4.pmax(f32x4.splat(0), pixels));
}

/** All bits set for a position outside the image. */
function outside(place: v128, size: i32): v128 {
  const before = f32x4.lt(place, f32x4.splat(-EDGE_PIXELS));
  return v128.or(before, f32x4.gt(place, f32x4.splat(<f32>(size - 1) + EDGE_PIXELS)));
}

/** Loads two adjacent pixels from each of two addresses. */
function pairs(a: usize, b: usize): v128 {
  return v128.load64_lane(b, v128.load64_zero(a), 1);
}

/** Interpolates between the first and the second pixel of four pairs. */
function between(pairs01: v128, pairs23: v128, share: v128): v128 {
  const first = i32x4.shuffle(pairs01, pairs23, 0, 2, 4, 6);
  const second = i32x4.shuffle(pairs01, pairs23, 1, 3, 5, 7);
  return f32x4.add(first, f32x4.mul(f32x4.sub(second, first), share));
}
