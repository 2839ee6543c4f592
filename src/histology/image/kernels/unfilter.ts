/** Reverses the filters of PNG rows, a pixel at a time (AssemblyScript). unfilter.ts of the folder above is the plain twin. */

const NONE: i32 = 0;
const SUB: i32 = 1;
const UP: i32 = 2;
const AVERAGE: i32 = 3;
const PAETH: i32 = 4;

/**
 * @param rows each row behind the number of its filter: [height][1 + width * pixelBytes]; 3 bytes behind it are read, and
 *   have no effect
 * @param samples [height][width * pixelBytes], behind a row of zeros; 3 bytes behind it are overwritten
 * @param pixelBytes 3 or 4
 * @returns whether all filters exist
 */
export function undoFilters(rows: usize, samples: usize, height: i32, width: i32, pixelBytes: i32): bool {
  const step = usize(pixelBytes);
  const rowBytes = step * usize(width);
  for (let y: usize = 0; y < usize(height); y++) {
    const row = rows + y * (rowBytes + 1);
    const from = row + 1;
    const to = samples + y * rowBytes;
    const filter = i32(load<u8>(row));
    if (filter === PAETH) paeth(from, to, rowBytes, step);
    else if (filter === AVERAGE) average(from, to, rowBytes, step);
    else if (filter === UP) up(from, to, rowBytes, step);
    else if (filter === SUB) sub(from, to, rowBytes, step);
    else if (filter === NONE) memory.copy(to, from, rowBytes);
    else return false;
  }
  return true;
}

function pixelAt(place: usize): v128 {
  return v128.load32_zero(place);
}

/** Also writes the byte behind a pixel of three, which the next pixel overwrites. */
function store(place: usize, pixel: v128): void {
  v128.store32_lane(place, pixel, 0);
}

function sub(from: usize, to: usize, rowBytes: usize, step: usize): void {
  let left = i8x16.splat(0);
  for (let x: usize = 0; x < rowBytes; x += step) {
    left = i8x16.add(pixelAt(from + x), left);
    store(to + x, left);
  }
}

function up(from: usize, to: usize, rowBytes: usize, step: usize): void {
  const above = to - rowBytes;
  for (let x: usize = 0; x < rowBytes; x += step) store(to + x, i8x16.add(pixelAt(from + x), pixelAt(above + x)));
}

function average(from: usize, to: usize, rowBytes: usize, step: usize): void {
  const above = to - rowBytes;
  const one = i8x16.splat(1);
  let left = i8x16.splat(0);
  for (let x: usize = 0; x < rowBytes; x += step) {
    const upper = pixelAt(above + x);
    // The instruction rounds up, the filter down.
    const mean = i8x16.sub(i8x16.avgr_u(left, upper), v128.and(v128.xor(left, upper), one));
    left = i8x16.add(pixelAt(from + x), mean);
    store(to + x, left);
  }
}

/** Samples are 16-bit numbers here, because their differences are signed. */
function paeth(from: usize, to: usize, rowBytes: usize, step: usize): void {
  const above = to - rowBytes;
  const byte = i16x8.splat(255);
  let left = i16x8.splat(0);
  let corner = i16x8.splat(0);
  for (let x: usize = 0; x < rowBytes; x += step) {
    const upper = i16x8.extend_low_i8x16_u(pixelAt(above + x));
    const nearest = nearestOf(left, upper, corner);
    left = v128.and(i16x8.add(i16x8.extend_low_i8x16_u(pixelAt(from + x)), nearest), byte);
    corner = upper;
    store(to + x, i8x16.narrow_i16x8_u(left, left));
  }
}

/** The one of left, upper and corner that is nearest to left + upper - corner, the earlier one if two are as near. */
function nearestOf(left: v128, upper: v128, corner: v128): v128 {
  const across = i16x8.sub(upper, corner);
  const down = i16x8.sub(left, corner);
  const toLeft = i16x8.abs(across);
  const toUpper = i16x8.abs(down);
  const toCorner = i16x8.abs(i16x8.add(across, down));
  const other = v128.bitselect(upper, corner, i16x8.le_s(toUpper, toCorner));
  const isLeft = v128.and(i16x8.le_s(toLeft, toUpper), i16x8.le_s(toLeft, toCorner));
  return v128.bitselect(left, other, isLeft);
}
