/** Statistics of a patch's colours and details, which tell stains, scanners, sharpness and compression apart. */

/** The statistics of `patchStatistics`, in order. */
export const PATCH_STATISTICS = [
  "density_red",
  "density_green",
  "density_blue",
  "spread_red",
  "spread_green",
  "spread_blue",
  "edges",
  "detail",
] as const;

/** The optical density of an intensity from 0 to 255: ln(256) - ln(intensity + 1), as in augmentation/stain.ts. */
const DENSITY = Float64Array.from({ length: 256 }, (_, intensity) => Math.log(256) - Math.log(intensity + 1));

/**
 * The statistics of a square patch: mean and standard deviation of each channel's optical density; and of the mean
 * density of the three channels the mean size of the difference from the pixel to the right plus that from the pixel
 * below ("edges"), and of the difference from the four pixels around ("detail", the Laplacian).
 * @param pixels [side, side, 3] RGB bytes
 * @returns in the order of PATCH_STATISTICS
 */
export function patchStatistics(pixels: Uint8Array, side: number): number[] {
  const count = side * side;
  const density = new Float64Array(count);
  // One variable per channel: arrays would take three times as long.
  let [red, green, blue, red2, green2, blue2] = [0, 0, 0, 0, 0, 0];
  for (let pixel = 0, at = 0; pixel < count; pixel++, at += 3) {
    const r = DENSITY[pixels[at]!]!;
    const g = DENSITY[pixels[at + 1]!]!;
    const b = DENSITY[pixels[at + 2]!]!;
    red += r;
    green += g;
    blue += b;
    red2 += r * r;
    green2 += g * g;
    blue2 += b * b;
    density[pixel] = (r + g + b) / 3;
  }
  const means = [red / count, green / count, blue / count];
  const spreads = [red2, green2, blue2].map((sum, channel) =>
    Math.sqrt(Math.max(0, sum / count - means[channel]! ** 2)),
  );
  return [...means, ...spreads, ...detailsOf(density, side)];
}

/** The mean sizes of differences between neighbouring pixels, over all pixels that have four neighbours. */
function detailsOf(density: Float64Array, side: number): [edges: number, detail: number] {
  let edges = 0;
  let detail = 0;
  for (let row = 1; row < side - 1; row++) {
    const last = row * side + side - 1;
    for (let at = row * side + 1; at < last; at++) {
      const here = density[at]!;
      const right = density[at + 1]!;
      const below = density[at + side]!;
      edges += Math.abs(right - here) + Math.abs(below - here);
      detail += Math.abs(4 * here - right - below - density[at - 1]! - density[at - side]!);
    }
  }
  const count = (side - 2) ** 2;
  return [edges / count, detail / count];
}
