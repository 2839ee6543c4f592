/** Converts JPEG 2000 samples to RGB, bit-identical to OpenSlide (openslide-decode-jp2k.c and its make-tables.c). */

/** C's round(): halves are rounded away from zero. */
const round = (value: number): number => Math.sign(value) * Math.round(Math.abs(value));
const table = (of: (chroma: number) => number): Int32Array =>
  Int32Array.from({ length: 256 }, (_, i) => round(of(i - 128)));

const RED_OF_CR = table((cr) => 1.402 * cr);
const BLUE_OF_CB = table((cb) => 1.772 * cb);
/** In units of 1/65,536. The added 0.5 rounds the sum of both tables. */
const GREEN_OF_CB = table((cb) => 65536 * (0.5 - 0.34414 * cb));
const GREEN_OF_CR = table((cr) => -65536 * 0.71414 * cr);

/** The samples of one component. Sample i is at index 3 i + `start`. */
export interface Plane {
  readonly samples: Uint8Array;
  readonly start: number;
  /** In samples. */
  readonly width: number;
  /** Subsampling factors relative to the picture. */
  readonly across: number;
  readonly down: number;
}

/** [height, width, 3] from luma and two chroma planes. Each chroma sample applies to all pixels that it covers. */
export function rgbFromYcbcr(
  planes: readonly [Plane, Plane, Plane],
  width: number,
  height: number,
): Uint8ClampedArray<ArrayBuffer> {
  const rgb = new Uint8ClampedArray(width * height * 3);
  const [luma, blueness, redness] = planes;
  let target = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const light = sampleAt(luma, x, y);
      const cb = sampleAt(blueness, x, y);
      const cr = sampleAt(redness, x, y);
      rgb[target++] = light + RED_OF_CR[cr]!;
      rgb[target++] = light + ((GREEN_OF_CB[cb]! + GREEN_OF_CR[cr]!) >> 16);
      rgb[target++] = light + BLUE_OF_CB[cb]!;
    }
  }
  return rgb;
}

function sampleAt({ samples, start, width, across, down }: Plane, x: number, y: number): number {
  return samples[start + 3 * (((y / down) | 0) * width + ((x / across) | 0))]!;
}

export function rgbFromGrey(samples: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  const rgb = new Uint8ClampedArray(samples.length * 3);
  for (let i = 0; i < samples.length; i++) rgb.fill(samples[i]!, 3 * i, 3 * i + 3);
  return rgb;
}
