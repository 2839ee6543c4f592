/**
 * Measures how fast slides are read. `node bench/slides.ts SLIDE...` reads level 0 in regions of 1024 x 1024 pixels,
 * three times, and prints the fastest time.
 */
import { openSlide } from "../src/histology/slide/open.ts";

const SIDE = 1024;
const TIMES = 3;

async function readOnce(path: string): Promise<{ megapixels: number; seconds: number; processorSeconds: number }> {
  const slide = await openSlide(path);
  const [{ width, height }] = slide.levels;
  const [start, processor] = [performance.now(), process.cpuUsage()];
  for (let y = 0; y < height; y += SIDE) {
    for (let x = 0; x < width; x += SIDE) await slide.readRegion(0, { x, y, width: SIDE, height: SIDE });
  }
  const seconds = (performance.now() - start) / 1e3;
  const { user, system } = process.cpuUsage(processor);
  await slide.close();
  return { megapixels: (width * height) / 1e6, seconds, processorSeconds: (user + system) / 1e6 };
}

for (const path of process.argv.slice(2)) {
  const runs = [];
  for (let i = 0; i < TIMES; i++) runs.push(await readOnce(path));
  const best = runs.toSorted((a, b) => a.seconds - b.seconds)[0]!;
  const speed = (best.megapixels / best.seconds).toFixed(0);
  const work = ((1e3 * best.processorSeconds) / best.megapixels).toFixed(0);
  console.log(`${path}: ${speed} megapixels a second, ${work} ms of processor time for each`);
}
