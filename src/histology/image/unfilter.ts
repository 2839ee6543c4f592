/**
 * Reverses the filters of PNG rows (ISO/IEC 15948, section 9): each sample was stored as a difference. The plain twin of
 * kernels/unfilter.ts.
 */

/**
 * @param rows each row behind the number of its filter: [height, 1 + rowBytes].
 * @param rowBytes the bytes of a row.
 * @param pixelBytes the bytes of a pixel.
 * @returns the samples, [height, rowBytes]; undefined if a filter does not exist.
 */
export function unfilter(rows: Uint8Array, rowBytes: number, pixelBytes: number): Uint8Array | undefined {
  const height = rows.length / (1 + rowBytes);
  // The row above the first one is zero.
  const samples = new Uint8Array((1 + height) * rowBytes);
  for (let row = 0; row < height; row++) {
    const from = row * (1 + rowBytes);
    const undo = FILTERS[rows[from]!];
    if (!undo) return undefined;
    const start = (1 + row) * rowBytes;
    samples.set(rows.subarray(from + 1, from + 1 + rowBytes), start);
    undo(samples, start, rowBytes, pixelBytes);
  }
  return samples.subarray(rowBytes);
}

/**
 * Adds to each sample of the row at `start` what its filter predicts from the sample to the left, above, and above to
 * the left. Left of the first pixel is zero.
 */
type Undo = (samples: Uint8Array, start: number, rowBytes: number, pixelBytes: number) => void;

const FILTERS: readonly Undo[] = [none, sub, up, average, paeth];

function none(): void {}

function sub(samples: Uint8Array, start: number, rowBytes: number, pixelBytes: number): void {
  const end = start + rowBytes;
  for (let i = start + pixelBytes; i < end; i++) samples[i] = samples[i]! + samples[i - pixelBytes]!;
}

function up(samples: Uint8Array, start: number, rowBytes: number): void {
  const end = start + rowBytes;
  for (let i = start; i < end; i++) samples[i] = samples[i]! + samples[i - rowBytes]!;
}

function average(samples: Uint8Array, start: number, rowBytes: number, pixelBytes: number): void {
  const second = start + pixelBytes;
  const end = start + rowBytes;
  for (let i = start; i < second; i++) samples[i] = samples[i]! + (samples[i - rowBytes]! >> 1);
  for (let i = second; i < end; i++) {
    samples[i] = samples[i]! + ((samples[i - pixelBytes]! + samples[i - rowBytes]!) >> 1);
  }
}

function paeth(samples: Uint8Array, start: number, rowBytes: number, pixelBytes: number): void {
  const second = start + pixelBytes;
  const end = start + rowBytes;
  for (let i = start; i < second; i++) samples[i] = samples[i]! + samples[i - rowBytes]!;
  for (let i = second; i < end; i++) {
    const corner = samples[i - rowBytes - pixelBytes]!;
    samples[i] = samples[i]! + nearest(samples[i - pixelBytes]!, samples[i - rowBytes]!, corner);
  }
}

/** The one of left, up and corner that is nearest to left + up - corner, the earlier one if two are as near. */
function nearest(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
