/** A slide whose pixels are in memory, for tests of what is done with slides: level 0, and halves of it by the mean of four pixels. */
import type { Region } from "../../../../src/histology/image/region.ts";
import type { RgbImage } from "../../../../src/histology/image/rgb.ts";
import type { Slide, SlideLevel } from "../../../../src/histology/slide/slide.ts";

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
      return cutOut(images[level]!, region);
    },
    isBlank: () => false,
    gapsOf: () => ({ tiles: 0, filled: 0, absent: 0 }),
    close: async () => {},
  };
}

/** A region of a picture, white beyond it, pixel by pixel. */
export function cutOut(image: RgbImage, { x, y, width, height }: Region): RgbImage {
  const data = new Uint8Array(width * height * 3).fill(255);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [sourceX, sourceY] = [x + column, y + row];
      if (sourceX < 0 || sourceY < 0 || sourceX >= image.width || sourceY >= image.height) continue;
      const from = (sourceY * image.width + sourceX) * 3;
      data.set(image.data.subarray(from, from + 3), (row * width + column) * 3);
    }
  }
  return { width, height, data };
}

function halved({ width, height, data }: RgbImage): RgbImage {
  const half = { width: width / 2, height: height / 2, data: new Uint8Array((width * height * 3) / 4) };
  for (let index = 0; index < half.data.length; index++) {
    const [channel, pixel] = [index % 3, Math.floor(index / 3)];
    const [x, y] = [2 * (pixel % half.width), 2 * Math.floor(pixel / half.width)];
    const at = (dx: number, dy: number) => data[((y + dy) * width + x + dx) * 3 + channel]!;
    half.data[index] = Math.round((at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) / 4);
  }
  return half;
}
