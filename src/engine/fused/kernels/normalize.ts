/**
 * Applies a normalization, slope * x + offset per channel (AssemblyScript), alone or with max pooling and dropout in
 * one pass.
 */

/**
 * output = slope * x + offset.
 * @param x [n][c][h][w] dense
 * @param slope, offset [c] each
 * @param output [n][c][h+2][w+2] bordered; the border is not changed
 */
export function normalize(x: usize, slope: usize, offset: usize, output: usize, n: i32, c: i32, h: i32, w: i32): void {
  const row = usize(w) << 2;
  let from = x;
  let to = output + row + 12;
  for (let plane = 0; plane < n * c; plane++) {
    const factor = load<f32>(slope + (usize(plane % c) << 2));
    const shift = load<f32>(offset + (usize(plane % c) << 2));
    const factors = f32x4.splat(factor);
    const shifts = f32x4.splat(shift);
    for (let y = 0; y < h; y++) {
      let at: usize = 0;
      for (; at + 16 <= row; at += 16) {
        v128.store(to + at, f32x4.add(f32x4.mul(factors, v128.load(from + at)), shifts));
      }
      for (; at < row; at += 4) store<f32>(to + at, factor * load<f32>(from + at) + shift);
      from += row;
      to += row + 8;
    }
    to += (row + 8) << 1;
  }
}

/**
 * Normalizes, takes the maximum of each 2x2 window (without an odd last row or column) and applies dropout.
 * @param x [n][c][h][w] dense, h and w at least 2
 * @param slope, offset [c] each
 * @param randomBytes [n][c][h/2][w/2], or 0 for no dropout; a maximum becomes 0 if its byte < threshold, and is
 *   multiplied by keepScale otherwise
 * @param output the maxima, [n][c][h/2][w/2] dense or [n][c][h/2+2][w/2+2] bordered; the border is not changed
 * @param places bytes [n][c][h/2][w/2]: the position of the maximum in its window, (0,0) (0,1) (1,0) (1,1) as 0 1 2 3,
 *   the first of equal values; 4 if it was dropped
 */
export function normalizePool(
  x: usize,
  slope: usize,
  offset: usize,
  randomBytes: usize,
  threshold: i32,
  keepScale: f32,
  output: usize,
  places: usize,
  borderedOutput: bool,
  n: i32,
  c: i32,
  h: i32,
  w: i32,
): void {
  const columns = w >> 1;
  const border: usize = borderedOutput ? 8 : 0;
  const limit = randomBytes !== 0 ? threshold : 0;
  const scale: f32 = randomBytes !== 0 ? keepScale : 1;
  const row = usize(w) << 2;
  const pooledRow = (usize(columns) << 2) + border;
  let to = borderedOutput ? output + pooledRow + 4 : output;
  let place = places;
  // Without dropout the limit is 0, so the bytes have no effect: any readable bytes will do.
  let byte = randomBytes !== 0 ? randomBytes : places;
  for (let plane = 0; plane < n * c; plane++) {
    const factor = load<f32>(slope + (usize(plane % c) << 2));
    const shift = load<f32>(offset + (usize(plane % c) << 2));
    let from = x + usize(plane) * row * usize(h);
    for (let y = h >> 1; y > 0; y--) {
      if (columns < 4) poolFew(from, row, factor, shift, byte, limit, scale, to, place, columns);
      else poolRow(from, row, factor, shift, byte, limit, scale, to, place, columns);
      from += row << 1;
      to += pooledRow;
      place += columns;
      byte += columns;
    }
    if (borderedOutput) to += pooledRow << 1;
  }
}

/** One row of at least four windows, four at a time. The last four may overlap the previous four. */
function poolRow(
  from: usize,
  row: usize,
  factor: f32,
  shift: f32,
  bytes: usize,
  limit: i32,
  scale: f32,
  to: usize,
  places: usize,
  columns: i32,
): void {
  const factors = f32x4.splat(factor);
  const shifts = f32x4.splat(shift);
  const scales = f32x4.splat(scale);
  const limits = i32x4.splat(limit);
  for (let column = 0; column < columns; column += 4) {
    const at = usize(min(column, columns - 4));
    const p = from + (at << 3);
    const upper0 = f32x4.add(f32x4.mul(v128.load(p), factors), shifts);
    const upper1 = f32x4.add(f32x4.mul(v128.load(p, 16), factors), shifts);
    const lower0 = f32x4.add(f32x4.mul(v128.load(p + row), factors), shifts);
    const lower1 = f32x4.add(f32x4.mul(v128.load(p + row, 16), factors), shifts);
    const v0 = i32x4.shuffle(upper0, upper1, 0, 2, 4, 6);
    const v1 = i32x4.shuffle(upper0, upper1, 1, 3, 5, 7);
    const v2 = i32x4.shuffle(lower0, lower1, 0, 2, 4, 6);
    const v3 = i32x4.shuffle(lower0, lower1, 1, 3, 5, 7);
    // pmax(a, b) is "a < b ? b : a", and the comparison mask is -1 if b is larger: the first of equal values wins.
    const upper = f32x4.pmax(v0, v1);
    const lower = f32x4.pmax(v2, v3);
    const upperPlace = i32x4.neg(f32x4.lt(v0, v1));
    const lowerPlace = i32x4.sub(i32x4.splat(2), f32x4.lt(v2, v3));
    const place = v128.bitselect(lowerPlace, upperPlace, f32x4.lt(upper, lower));
    const random = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(bytes + at)));
    const dropped = i32x4.lt_s(random, limits);
    v128.store(to + (at << 2), v128.andnot(f32x4.mul(f32x4.pmax(upper, lower), scales), dropped));
    const kept = v128.bitselect(i32x4.splat(4), place, dropped);
    const words = i16x8.narrow_i32x4_s(kept, kept);
    store<i32>(places + at, i32x4.extract_lane(i8x16.narrow_i16x8_s(words, words), 0));
  }
}

/** One row of fewer than four windows. */
function poolFew(
  from: usize,
  row: usize,
  factor: f32,
  shift: f32,
  bytes: usize,
  limit: i32,
  scale: f32,
  to: usize,
  places: usize,
  columns: i32,
): void {
  for (let column: usize = 0; column < usize(columns); column++) {
    let place: u8 = 0;
    let best: f32 = 0;
    for (let k: u8 = 0; k < 4; k++) {
      const p = from + (column << 3) + (k >= 2 ? row : 0) + (usize(k & 1) << 2);
      const value = factor * load<f32>(p) + shift;
      if (k === 0 || best < value) {
        best = value;
        place = k;
      }
    }
    const isDropped = i32(load<u8>(bytes + column)) < limit;
    store<f32>(to + (column << 2), isDropped ? 0 : best * scale);
    store<u8>(places + column, isDropped ? 4 : place);
  }
}
