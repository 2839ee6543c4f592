/** Reads a giant slide's regions at places drawn from a seed, several at once, and checks every pixel; its process's memory is measured. */
import assert from "node:assert/strict";
import { openSlide } from "../../../../src/histology/slide/open.ts";
import { RandomStream } from "../../../../src/system/random.ts";
import { KINDS, TILE } from "./giant.ts";

const REGIONS = 60;
const AT_ONCE = 4;

const slide = await openSlide(process.argv[2]!);
const stream = new RandomStream(1, "giant slide");
const draw = (most: number) => stream.integer(most);

async function readOne(): Promise<void> {
  const level = draw(slide.levels.length);
  const { width, height } = slide.levels[level]!;
  const [x, y] = [draw(width) - 100, draw(height) - 100];
  const { data } = await slide.readRegion(level, { x, y, width: 1024, height: 1024 });
  for (let i = 0; i < 1024 * 1024; i++) {
    const [column, row] = [x + (i % 1024), y + Math.floor(i / 1024)];
    const inside = column >= 0 && row >= 0 && column < width && row < height;
    const kind = KINDS[(Math.floor(column / TILE) + 2 * Math.floor(row / TILE)) % 4]!;
    const at = ((row % TILE) * TILE + (column % TILE)) * 3;
    for (let c = 0; c < 3; c++) {
      if (data[3 * i + c] !== (inside ? kind[at + c] : 255)) assert.fail(`level ${level}, (${column}, ${row})`);
    }
  }
}

for (let done = 0; done < REGIONS; done += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, readOne));
process.stdout.write(`${slide.levels.length} levels, ${REGIONS} regions`);
await slide.close();
