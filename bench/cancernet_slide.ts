/**
 * Our contenders in the slide benchmark: score a whole synthetic slide, with its pixels in memory or in a tiled JPEG
 * pyramid on disk.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { bundledModelPath } from "../src/artifacts/bundled_models.ts";
import { openModel } from "../src/artifacts/open_model.ts";
import type { RgbImage } from "../src/histology/image/rgb.ts";
import { openSlide } from "../src/histology/slide/open.ts";
import type { Slide } from "../src/histology/slide/slide.ts";
import { renderSlide } from "../src/histology/synthetic/slide.ts";
import type { BundledModelName } from "../src/options/bundled_models.ts";
import { scoreSlide } from "../src/scoring/slide.ts";
import { silent } from "../src/util/reporter.ts";
import { makeFolder } from "./fixtures.ts";
import type { Contender } from "./interleave.ts";

/** The slide repeats a drawn one this many times in each direction, because drawing takes longer than scoring. */
const TIMES = 5;
const CELLS = 24;
const JPEG_QUALITY = 80;

export interface SlideWork {
  readonly model: BundledModelName;
  readonly pixels: "in memory" | "in a tiled JPEG TIFF";
  readonly threads: number;
}

/** Finds tissue, cuts out and classifies patches, and uses neighbours if the model does. Draws and writes nothing. */
export async function startSlide({ model: name, pixels, threads }: SlideWork): Promise<Contender> {
  const folder = await makeFolder();
  const model = await openModel(bundledModelPath(name)!, { threads });
  const image = largeSlide();
  const path = join(folder, "slide.tif");
  const slide = await (pixels === "in memory" ? slideInMemory(image) : slideOnDisk(image, path));
  const context = { reporter: silent, signal: new AbortController().signal };
  return {
    name: `cancernet slide ${name}, pixels ${pixels}`,
    async run(times) {
      const start = performance.now();
      let patches = 0;
      for (let index = 0; index < times; index++) {
        const scores = await scoreSlide(model, slide, { scale: 1 }, context);
        patches += scores.probabilities.reduce((sum, one) => sum + (Number.isNaN(one) ? 0 : 1), 0);
      }
      return { seconds: (performance.now() - start) / 1000, patches };
    },
    async close() {
      await slide.close();
      await model.classifier.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function largeSlide(): RgbImage {
  const drawn = renderSlide({ seed: 42, caseId: "bench", columns: CELLS, rows: CELLS, idcShare: 0.4 });
  const [width, height] = [drawn.width * TIMES, drawn.height * TIMES];
  const data = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const line = drawn.data.subarray(
      (row % drawn.height) * drawn.width * 3,
      ((row % drawn.height) + 1) * drawn.width * 3,
    );
    for (let time = 0; time < TIMES; time++) data.set(line, (row * width + time * drawn.width) * 3);
  }
  return { width, height, data };
}

/** Has levels of a half, a quarter and an eighth, like real slides. */
async function slideInMemory(image: RgbImage): Promise<Slide> {
  const downsamples = [1, 2, 4, 8] as const;
  const images = await Promise.all(downsamples.map((downsample) => smaller(image, downsample)));
  const levels = images.map(({ width, height }, level) => ({ width, height, downsample: downsamples[level]! }));
  return {
    format: "memory",
    levels: levels as unknown as Slide["levels"],
    micronsPerPixel: undefined,
    async readRegion(level, region) {
      const { width, height, data } = images[level]!;
      const pixels = new Uint8Array(region.width * region.height * 3).fill(255);
      const lineBytes = Math.min(region.width, width - region.x) * 3;
      for (let row = 0; row < Math.min(region.height, height - region.y); row++) {
        const from = ((region.y + row) * width + region.x) * 3;
        pixels.set(data.subarray(from, from + lineBytes), row * region.width * 3);
      }
      return { width: region.width, height: region.height, data: pixels };
    },
    isBlank: () => false,
    gapsOf: () => ({ tiles: 0, filled: 0, absent: 0 }),
    async close() {},
  };
}

async function smaller({ width, height, data }: RgbImage, downsample: number): Promise<RgbImage> {
  if (downsample === 1) return { width, height, data };
  const raw = sharp(data, { raw: { width, height, channels: 3 } });
  const { data: pixels, info } = await raw
    .resize({ width: width / downsample, height: height / downsample })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: pixels };
}

async function slideOnDisk({ width, height, data }: RgbImage, path: string): Promise<Slide> {
  await sharp(data, { raw: { width, height, channels: 3 } })
    .tiff({ compression: "jpeg", quality: JPEG_QUALITY, tile: true, pyramid: true, tileWidth: 256, tileHeight: 256 })
    .toFile(path);
  return openSlide(path);
}
