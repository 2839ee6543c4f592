/** Asks for 10,000 tiles of several slides and aborts 1,000 more; prints the files that are open before and after. */
import assert from "node:assert/strict";
import { readdirSync, readlinkSync } from "node:fs";
import { SlideTiles } from "../../../../../src/histology/slide/tiles/slide_tiles.ts";
import { RandomStream } from "../../../../../src/system/random.ts";

const TILES = 10_000;
const ABORTED = 1000;
const AT_ONCE = 12;
const IN_A_ROW = 500;

const [folder, ...paths] = process.argv.slice(2) as [string, ...string[]];
const tiles = new SlideTiles({ folder });
const stream = new RandomStream(1, "tiles");
const facts = await Promise.all(paths.map((path) => tiles.facts(path)));
for (const path of paths) {
  await tiles.startOverview(path);
  await tiles.waitForOverview(path);
}
/** The slides and overviews that are open. */
const files = () =>
  readdirSync("/proc/self/fd").filter((name) => {
    const target = targetOf(name);
    return paths.includes(target) || target.startsWith(folder);
  }).length;

function targetOf(name: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${name}`);
  } catch {
    return ""; // It was the listing itself.
  }
}

function drawPlace() {
  // Two slides at a time, as in two windows.
  const slide = (Math.floor(asked / IN_A_ROW) + stream.integer(2)) % paths.length;
  const { levels } = facts[slide]!;
  const z = stream.integer(levels.length);
  const { width, height } = levels[z]!;
  const along = (length: number) => stream.integer(Math.ceil(length / 256));
  return { path: paths[slide]!, place: { z, x: along(width), y: along(height) } };
}

let asked = 0;
let aborted = 0;
const times: number[] = [];

async function askSome(): Promise<void> {
  while (asked < TILES) {
    const number = ++asked;
    const { path, place } = drawPlace();
    const started = performance.now();
    assert.ok((await tiles.tile(path, place, new AbortController().signal)).length > 100);
    times.push(performance.now() - started);
    if (number % (TILES / ABORTED) !== 0) continue;
    const controller = new AbortController();
    const other = drawPlace();
    const asking = tiles.tile(other.path, other.place, controller.signal).then(
      () => "made",
      (error: Error) => error.name,
    );
    if (number % 20 === 0) await new Promise((go) => setTimeout(go, stream.integer(4)));
    controller.abort();
    assert.match(await asking, /^(made|AbortError)$/);
    aborted++;
  }
}

const before = files();
await Promise.all(Array.from({ length: AT_ONCE }, askSome));
await tiles.close();
const left = files();
process.stdout.write(JSON.stringify({ asked, aborted, before, left, milliseconds: times.reduce((a, b) => a + b, 0) }));
