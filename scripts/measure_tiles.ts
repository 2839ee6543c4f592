/**
 * Measures tiles of slides: `node scripts/measure_tiles.ts SLIDE ...`. Prints a line per slide: the time of the overview
 * (and of the processors for it), of the first tile, and of up to 150 tiles of each level.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { SlideTiles } from "../src/histology/slide/tiles/slide_tiles.ts";

const MOST_OF_LEVEL = 150;
/** The first tile that a viewer asks for is of the first level that fills a window. */
const WINDOW_PIXELS = 512;

const folder = mkdtempSync(join(tmpdir(), "cancernet-tiles-"));
const { signal } = new AbortController();

async function timed<T>(work: () => Promise<T>): Promise<readonly [T, number]> {
  const started = performance.now();
  return [await work(), performance.now() - started];
}

async function overviewLine(path: string): Promise<string> {
  const tiles = new SlideTiles({ folder });
  if ((await tiles.overview(path)).state === "unneeded") {
    await tiles.close();
    return "no overview";
  }
  const before = process.cpuUsage();
  await tiles.startOverview(path);
  const [, wall] = await timed(() => tiles.waitForOverview(path));
  const { user, system } = process.cpuUsage(before);
  await tiles.close();
  return `overview ${(wall / 1000).toFixed(1)} s (${((user + system) / 1e6).toFixed(1)} s of processors)`;
}

async function tilesLine(path: string): Promise<string> {
  const tiles = new SlideTiles({ folder });
  const [{ levels }, opening] = await timed(() => tiles.facts(path));
  const first = levels.findLastIndex(({ width, height }) => Math.max(width, height) <= WINDOW_PIXELS);
  const [, firstTile] = await timed(() => tiles.tile(path, { z: first, x: 0, y: 0 }, signal));
  const times: number[] = [];
  for (const [z, { width, height }] of levels.entries()) {
    const [across, down] = [Math.ceil(width / 256), Math.ceil(height / 256)];
    const step = Math.max(1, Math.floor((across * down) / MOST_OF_LEVEL));
    for (let at = 0; at < across * down; at += step) {
      const place = { z, x: at % across, y: Math.floor(at / across) };
      times.push((await timed(() => tiles.tile(path, place, signal)))[1]);
    }
  }
  await tiles.close();
  times.sort((a, b) => a - b);
  const share = (part: number) => times[Math.floor(times.length * part)]!.toFixed(1);
  return `first tile ${(opening + firstTile).toFixed(0)} ms; ${times.length} tiles: median ${share(0.5)}, p95 ${share(0.95)} ms`;
}

for (const path of process.argv.slice(2)) {
  console.log(`${basename(path)}: ${await overviewLine(path)}; ${await tilesLine(path)}`);
}
rmSync(folder, { recursive: true });
