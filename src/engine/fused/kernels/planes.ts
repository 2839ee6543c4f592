/**
 * Operations on whole planes (AssemblyScript): zero borders, copies into bordered planes, sums of arrays. Other files
 * compute the layers.
 */

/** Sets the one-pixel border of `count` planes [h+2][w+2] to zero. Does not change the interior. */
export function clearBorders(planes: usize, count: i32, h: i32, w: i32): void {
  const row = usize(w + 2) << 2;
  let p = planes;
  for (let plane = 0; plane < count; plane++) {
    memory.fill(p, 0, row);
    p += row;
    for (let y = 0; y < h; y++) {
      store<f32>(p, 0);
      store<f32>(p + row - 4, 0);
      p += row;
    }
    memory.fill(p, 0, row);
    p += row;
  }
}

/** Copies `count` dense planes [h][w] into the interior of bordered planes [h+2][w+2]. */
export function toBordered(dense: usize, bordered: usize, count: i32, h: i32, w: i32): void {
  const bytes = usize(w) << 2;
  let from = dense;
  let to = bordered;
  for (let plane = 0; plane < count; plane++) {
    to += bytes + 8;
    for (let y = 0; y < h; y++) {
      copyRow(from, to + 4, bytes);
      from += bytes;
      to += bytes + 8;
    }
    to += bytes + 8;
  }
}

/** Copies one row. On rows this short, memory.copy is slower than the loop. */
function copyRow(from: usize, to: usize, bytes: usize): void {
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) v128.store(to + at, v128.load(from + at));
  for (; at < bytes; at += 4) store<f32>(to + at, load<f32>(from + at));
}

/** target += source, `length` float32 numbers each. */
export function addInto(target: usize, source: usize, length: i32): void {
  const bytes = usize(length) << 2;
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    v128.store(target + at, f32x4.add(v128.load(target + at), v128.load(source + at)));
  }
  for (; at < bytes; at += 4) store<f32>(target + at, load<f32>(target + at) + load<f32>(source + at));
}
