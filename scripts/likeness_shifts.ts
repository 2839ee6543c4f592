/** The changes of pictures for likeness.ts: colour, brightness, stain, blur, JPEG, magnification. */
import sharp from "sharp";
import { jitterMatrix } from "../src/histology/augmentation/stain.ts";
import type { Dataset } from "../src/histology/dataset/dataset.ts";

/** Changes the pixels of a picture, RGB bytes [side, side, 3]. */
export type Shift = (pixels: Uint8Array) => Uint8Array | Promise<Uint8Array>;

type Rgb = readonly [red: number, green: number, blue: number];

const byPixel =
  (change: (rgb: Rgb) => Rgb): Shift =>
  (pixels) => {
    const result = new Uint8ClampedArray(pixels.length);
    for (let at = 0; at < pixels.length; at += 3) {
      result.set(change([pixels[at]!, pixels[at + 1]!, pixels[at + 2]!]), at);
    }
    return Uint8Array.from(result);
  };

/** A rotation of the colours around the grey axis. */
function hue(degrees: number): Shift {
  const angle = (degrees * Math.PI) / 180;
  const [same, right, left] = [0, -1, 1].map((turn) => (1 + 2 * Math.cos(angle + (turn * 2 * Math.PI) / 3)) / 3) as [
    number,
    number,
    number,
  ];
  return byPixel(([r, g, b]) => [
    same * r + left * g + right * b,
    right * r + same * g + left * b,
    left * r + right * g + same * b,
  ]);
}

const brightness = (factor: number): Shift => byPixel(([r, g, b]) => [r * factor, g * factor, b * factor]);

/** Other amounts of haematoxylin and eosin. */
function stain(haematoxylin: number, eosin: number): Shift {
  const matrix = jitterMatrix([
    { factor: haematoxylin, offset: 0 },
    { factor: eosin, offset: 0 },
  ]);
  return byPixel((rgb) => {
    const [r, g, b] = rgb.map((value) => Math.log(value + 1)) as [number, number, number];
    const row = (at: number) =>
      Math.exp(matrix[at]! * r + matrix[at + 1]! * g + matrix[at + 2]! * b + matrix[at + 3]!) - 1;
    return [row(0), row(4), row(8)];
  });
}

function opened(pixels: Uint8Array) {
  const side = Math.sqrt(pixels.length / 3);
  return { side, image: sharp(pixels, { raw: { width: side, height: side, channels: 3 } }) };
}

const blur =
  (sigma: number): Shift =>
  async (pixels) =>
    new Uint8Array(await opened(pixels).image.blur(sigma).raw().toBuffer());

const jpeg =
  (quality: number): Shift =>
  async (pixels) =>
    new Uint8Array(
      await sharp(await opened(pixels).image.jpeg({ quality }).toBuffer())
        .raw()
        .toBuffer(),
    );

/** The middle of the picture, enlarged to its size. */
const enlarged =
  (factor: number): Shift =>
  async (pixels) => {
    const { side, image } = opened(pixels);
    const inner = Math.round(side / factor);
    const edge = Math.floor((side - inner) / 2);
    const cut = image.extract({ left: edge, top: edge, width: inner, height: inner });
    return new Uint8Array(await cut.resize(side, side, { kernel: "cubic" }).raw().toBuffer());
  };

const named = (name: (value: number) => string, shift: (value: number) => Shift, values: readonly number[]) =>
  Object.fromEntries(values.map((value) => [name(value), shift(value)]));

export const SHIFTS: Readonly<Record<string, Shift>> = {
  none: (pixels) => pixels,
  ...named((degrees) => `hue turned by ${degrees} degrees`, hue, [-30, -20, -15, -10, -5, 5, 10, 15, 20, 30]),
  ...named((factor) => `brightness x ${factor}`, brightness, [0.8, 0.9, 0.95, 1.05, 1.1, 1.2]),
  ...named(
    (factor) => `both stains x ${factor}`,
    (factor) => stain(factor, factor),
    [0.5, 0.7, 0.8, 1.2, 1.3, 1.5],
  ),
  ...named(
    (factor) => `haematoxylin x ${factor}`,
    (factor) => stain(factor, 1),
    [0.7, 1.3],
  ),
  ...named(
    (factor) => `eosin x ${factor}`,
    (factor) => stain(1, factor),
    [0.7, 1.3],
  ),
  ...named((sigma) => `blur, sigma ${sigma} pixels`, blur, [0.5, 0.7, 1, 2]),
  ...named((quality) => `JPEG, quality ${quality}`, jpeg, [95, 90, 70, 50, 30]),
  ...named((factor) => `enlarged x ${factor} (interpolated)`, enlarged, [1.1, 1.25, 1.5, 2]),
};

/** The test patches that have neighbours to the right, below and diagonally: each with these, in this order. */
export function magnified(dataset: Dataset): Map<number, readonly number[]> {
  const rows = dataset.indicesOf("test");
  const placeOf = (row: number, right: number, down: number) => {
    const { caseId, x = Number.NaN, y = Number.NaN } = dataset.rows[row]!;
    return `${x + right * dataset.side},${y + down * dataset.side},${caseId}`;
  };
  const byPlace = new Map(Array.from(rows, (row) => [placeOf(row, 0, 0), row]));
  const found = new Map<number, readonly number[]>();
  for (const row of rows) {
    const around = [placeOf(row, 1, 0), placeOf(row, 0, 1), placeOf(row, 1, 1)];
    const known = around.flatMap((place) => byPlace.get(place) ?? []);
    if (known.length === around.length) found.set(row, [row, ...known]);
  }
  return found;
}
