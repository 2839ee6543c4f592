/** Samples of a JPEG 2000 picture to RGB, to the bit as OpenSlide makes them (openslide-decode-jp2k.c and its make-tables.c). */

/** C's round(): halves away from zero. */
const round = (value: number): number => Math.sign(value) * Math.round(Math.abs(value));
const table = (of: (chroma: number) => number): Int32Array =>
  Int32Array.from({ length: 256 }, (_, i) => round(of(i - 128)));

const RED_OF_CR = table((cr) => 1.402 * cr);
const BLUE_OF_CB = table((cb) => 1.772 * cb);
/** In 65,536ths; the one half rounds their sum. */
const GREEN_OF_CB = table((cb) => 65536 * (0.5 - 0.34414 * cb));
const GREEN_OF_CR = table((cr) => -65536 * 0.71414 * cr);

/** The samples of one component: sample i lies at 3 i + `start`. */
export interface Plane {
  readonly samples: Uint8Array;
  readonly start: number;
  /** In samples. */
  readonly width: number;
  /** By how much it is smaller than the picture. */
  readonly across: number;
  readonly down: number;
}

/** [height, width, 3] from luma and two chroma planes; a chroma sample counts for all pixels that it covers. */
export function rgbFromYcbcr(planes: readonly [Plane, Plane, Plane], width: number, height: number): Uint8ClampedArray {
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

export function rgbFromGrey(samples: Uint8Array): Uint8ClampedArray {
  const rgb = new Uint8ClampedArray(samples.length * 3);
  for (let i = 0; i < samples.length; i++) rgb.fill(samples[i]!, 3 * i, 3 * i + 3);
  return rgb;
}
