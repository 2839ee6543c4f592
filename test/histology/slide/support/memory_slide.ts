/** A slide whose pixels are in memory, for tests of what is done with slides: level 0, and halves of it by the mean of four pixels. */
import type { Region } from "../../../../src/histology/image/region.ts";
import type { RgbImage } from "../../../../src/histology/image/rgb.ts";
import type { Slide, SlideLevel } from "../../../../src/histology/slide/slide.ts";
import { cut } from "./pictures.ts";

interface MemorySlide extends Slide {
  /** The regions that were read, by level. */
  readonly reads: { level: number; region: Region }[];
}

export function memorySlide(
  image: RgbImage,
  { levels = 1, micronsPerPixel = undefined as number | undefined } = {},
): MemorySlide {
  const images = [image];
  while (images.length < levels) images.push(halved(images.at(-1)!));
  const described = images.map(({ width, height }): SlideLevel => ({ width, height, downsample: image.width / width }));
  const reads: MemorySlide["reads"] = [];
  return {
    format: "memory",
    levels: described as [SlideLevel, ...SlideLevel[]],
    micronsPerPixel,
    reads,
    readRegion: async (level, region) => {
      reads.push({ level, region });
      return cut(images[level]!, region);
    },
    isBlank: () => false,
    gapsOf: () => ({ tiles: 0, filled: 0, absent: 0 }),
    close: async () => {},
  };
}

function halved({ width, height, data }: RgbImage): RgbImage {
  const half = { width: width / 2, height: height / 2, data: new Uint8Array((width * height * 3) / 4) };
  let place = 0;
  for (let y = 0; y < height; y += 2) {
    for (let left = y * width * 3; left < (y + 1) * width * 3; left += 6) {
      for (let upper = left; upper < left + 3; upper++) {
        const lower = upper + width * 3;
        half.data[place++] = Math.round((data[upper]! + data[upper + 3]! + data[lower]! + data[lower + 3]!) / 4);
      }
    }
  }
  return half;
}
