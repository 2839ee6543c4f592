/** The gradient of max pooling and dropout (AssemblyScript), from the places that normalizePool recorded. */
import { addLanes, RUN_VECTORS } from "./lanes.ts";

/**
 * output is gradient * keepScale at the places, and zero elsewhere.
 * @param gradient [n][c][h/2][w/2] dense
 * @param places bytes [n][c][h/2][w/2]: 0 to 3 for the position in the window, 4 if it was dropped
 * @param output [n][c][h][w] dense, h and w at least 2; an odd last row or column becomes zero
 */
export function poolBackward(
  gradient: usize,
  places: usize,
  keepScale: f32,
  output: usize,
  n: i32,
  c: i32,
  h: i32,
  w: i32,
): void {
  const columns = w >> 1;
  const row = usize(w) << 2;
  if ((h | w) & 1) memory.fill(output, 0, usize(n * c * h) * row);
  let from = gradient;
  let place = places;
  for (let plane = 0; plane < n * c; plane++) {
    let to = output + usize(plane) * row * usize(h);
    for (let y = h >> 1; y > 0; y--) {
      if (columns < 4) scatterFew(from, place, keepScale, to, row, columns);
      else scatterRow(from, place, keepScale, to, row, columns);
      from += usize(columns) << 2;
      place += columns;
      to += row << 1;
    }
  }
}

/** One row of at least four windows, four at a time. The last four may overlap the previous four. */
function scatterRow(from: usize, places: usize, keepScale: f32, to: usize, row: usize, columns: i32): void {
  const scales = f32x4.splat(keepScale);
  for (let column = 0; column < columns; column += 4) {
    const at = usize(min(column, columns - 4));
    const g = f32x4.mul(v128.load(from + (at << 2)), scales);
    const place = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(places + at)));
    const v0 = v128.and(g, i32x4.eq(place, i32x4.splat(0)));
    const v1 = v128.and(g, i32x4.eq(place, i32x4.splat(1)));
    const v2 = v128.and(g, i32x4.eq(place, i32x4.splat(2)));
    const v3 = v128.and(g, i32x4.eq(place, i32x4.splat(3)));
    const p = to + (at << 3);
    v128.store(p, i32x4.shuffle(v0, v1, 0, 4, 1, 5));
    v128.store(p, i32x4.shuffle(v0, v1, 2, 6, 3, 7), 16);
    v128.store(p + row, i32x4.shuffle(v2, v3, 0, 4, 1, 5));
    v128.store(p + row, i32x4.shuffle(v2, v3, 2, 6, 3, 7), 16);
  }
}

/** One row of fewer than four windows. */
function scatterFew(from: usize, places: usize, keepScale: f32, to: usize, row: usize, columns: i32): void {
  for (let column: usize = 0; column < usize(columns); column++) {
    const g = load<f32>(from + (column << 2)) * keepScale;
    const place = load<u8>(places + column);
    for (let k: u8 = 0; k < 4; k++) {
      store<f32>(to + (column << 3) + (k >= 2 ? row : 0) + (usize(k & 1) << 2), k === place ? g : 0);
    }
  }
}

/**
 * The sums that the gradient of a normalization needs from the batch if pooling and dropout follow it. The gradient is
 * zero except at the places.
 * @param gradient [n][c][h/2][w/2] dense
 * @param places as in poolBackward
 * @param x the input of the normalization, [n][c][h][w] dense, h and w at least 2
 * @param sums float64 [n][c][2]: the sum of gradient * keepScale at the places, and the sum of that times x
 */
export function pooledMoments(
  gradient: usize,
  places: usize,
  keepScale: f32,
  x: usize,
  sums: usize,
  n: i32,
  c: i32,
  h: i32,
  w: i32,
): void {
  const columns = w >> 1;
  const row = usize(w) << 2;
  memory.fill(sums, 0, usize(n * c) << 4);
  // The number of rows that float32 lanes may add up before their sum is added in float64.
  const runRows = max(1, (RUN_VECTORS << 2) / columns);
  let from = gradient;
  let place = places;
  for (let plane = 0; plane < n * c; plane++) {
    const sum = sums + (usize(plane) << 4);
    const at = x + usize(plane) * row * usize(h);
    for (let y = 0; y < h >> 1; y += runRows) {
      const rows = min(runRows, (h >> 1) - y);
      const skip = usize(y) * usize(columns);
      const start = at + ((usize(y) * row) << 1);
      if (columns < 4) addFew(from + (skip << 2), place + skip, keepScale, start, row, sum, rows, columns);
      else addRows(from + (skip << 2), place + skip, keepScale, start, row, sum, rows, columns);
    }
    from += usize((h >> 1) * columns) << 2;
    place += (h >> 1) * columns;
  }
}

/**
 * Rows of at least four windows, four at a time. If the last four overlap the previous four, a mask prevents double
 * counting.
 */
function addRows(
  from: usize,
  places: usize,
  keepScale: f32,
  x: usize,
  row: usize,
  sum: usize,
  rows: i32,
  columns: i32,
): void {
  const scales = f32x4.splat(keepScale);
  const lanes = i32x4(0, 1, 2, 3);
  let gradients = f32x4.splat(0);
  let products = f32x4.splat(0);
  for (let y = 0; y < rows; y++) {
    for (let column = 0; column < columns; column += 4) {
      const first = min(column, columns - 4);
      const at = usize(y * columns + first);
      const place = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(places + at)));
      const counts = v128.and(i32x4.ge_s(lanes, i32x4.splat(column - first)), i32x4.lt_s(place, i32x4.splat(4)));
      const g = v128.and(f32x4.mul(v128.load(from + (at << 2)), scales), counts);
      const p = x + ((usize(y) * row) << 1) + (usize(first) << 3);
      const upper0 = v128.load(p);
      const upper1 = v128.load(p, 16);
      const lower0 = v128.load(p + row);
      const lower1 = v128.load(p + row, 16);
      const isLower = i32x4.gt_s(place, i32x4.splat(1));
      const even = v128.bitselect(
        i32x4.shuffle(lower0, lower1, 0, 2, 4, 6),
        i32x4.shuffle(upper0, upper1, 0, 2, 4, 6),
        isLower,
      );
      const odd = v128.bitselect(
        i32x4.shuffle(lower0, lower1, 1, 3, 5, 7),
        i32x4.shuffle(upper0, upper1, 1, 3, 5, 7),
        isLower,
      );
      const isOdd = i32x4.ne(v128.and(place, i32x4.splat(1)), i32x4.splat(0));
      gradients = f32x4.add(gradients, g);
      products = f32x4.add(products, f32x4.mul(g, v128.bitselect(odd, even, isOdd)));
    }
  }
  addLanes(sum, gradients);
  addLanes(sum + 8, products);
}

/** Rows of fewer than four windows. */
function addFew(
  from: usize,
  places: usize,
  keepScale: f32,
  x: usize,
  row: usize,
  sum: usize,
  rows: i32,
  columns: i32,
): void {
  for (let window = 0; window < rows * columns; window++) {
    const place = load<u8>(places + window);
    if (place > 3) continue;
    const g = load<f32>(from + (usize(window) << 2)) * keepScale;
    const corner = x + ((usize(window / columns) * row) << 1) + (usize(window % columns) << 3);
    const value = load<f32>(corner + (place >= 2 ? row : 0) + (usize(place & 1) << 2));
    store<f64>(sum, load<f64>(sum) + f64(g));
    store<f64>(sum, load<f64>(sum, 8) + f64(g) * f64(value), 8);
  }
}
