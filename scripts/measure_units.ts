/**
 * Measures what the engines cost: the same slides in one process, as a shard, and by one worker of a queue, alternately:
 * `node scripts/measure_units.ts FOLDER [ROUNDS] [SLIDES]`. It makes the slides in FOLDER, and a PostgreSQL server of
 * its own. A slide takes about two seconds on one thread. Prints the seconds per slide of each run, and the ratios of
 * the medians. The start of the processes plays no part.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { encodePng } from "../src/histology/image/decode.ts";
import { renderSlide } from "../src/histology/synthetic/slide.ts";
import { NO_POSTGRES, startPostgres } from "../test/support/postgres.ts";
import { startCancernet } from "../test/support/running.ts";

const [given, rounds = "7", count = "12"] = process.argv.slice(2) as [string, string?, string?];
/** Cells of 50 x 50 pixels per side of a slide. */
const CELLS = 54;
const folder = resolve(given);
const slides = join(folder, "slides");
const ends: (() => unknown)[] = [];
const atEnd = { after: (end: () => unknown) => ends.push(end) };

type Engine = "process" | "shard" | "queue";

await makeSlides();
const server = NO_POSTGRES ? undefined : await startPostgres(atEnd);
const engines: Engine[] = server ? ["process", "shard", "queue"] : ["process", "shard"];
const seconds: Record<Engine, number[]> = { process: [], shard: [], queue: [] };
await run("process");
for (let round = 0; round < Number(rounds); round++) {
  for (const engine of round % 2 === 0 ? engines : engines.toReversed()) seconds[engine].push(await run(engine));
}
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
for (const engine of engines) {
  const ratio = median(seconds[engine]) / median(seconds.process);
  const all = seconds[engine].map((value) => value.toFixed(3)).join(" ");
  console.log(`${engine.padEnd(8)} ${all} s per slide, ratio of the medians ${ratio.toFixed(4)}`);
}
for (const end of ends) await end();

async function makeSlides(): Promise<void> {
  if (existsSync(slides) && readdirSync(slides).length === Number(count)) return;
  rmSync(slides, { recursive: true, force: true });
  mkdirSync(slides, { recursive: true });
  const picture = renderSlide({ seed: 7, caseId: "units", columns: CELLS, rows: CELLS, idcShare: 0.3 });
  const png = await encodePng(picture);
  for (let number = 1; number <= Number(count); number++) writeFileSync(join(slides, `slide-${number}.png`), png);
}

/** Scores all slides; returns the seconds from the first slide's publication to the last one's, per slide. */
async function run(engine: Engine): Promise<number> {
  const out = join(folder, "results");
  rmSync(out, { recursive: true, force: true });
  const args = ["slide", "idc", slides, "--scale", "1", "--threads", "1", "--out", out];
  if (engine === "queue") await runQueue(args, out);
  else await finished(startCancernet(atEnd, engine === "shard" ? [...args, "--shard", "1/1"] : args));
  // The renaming of a folder to its published name is the last change of it.
  const times = Array.from({ length: Number(count) }, (_, i) => statSync(join(out, `slide-${i + 1}`)).ctimeMs);
  return (Math.max(...times) - Math.min(...times)) / 1000 / (Number(count) - 1);
}

async function runQueue(args: readonly string[], out: string): Promise<void> {
  const { environment } = server!;
  mkdirSync(out, { recursive: true });
  const places = ["--results", folder, "--root", folder];
  const worker = startCancernet(atEnd, ["work", ...places, "--threads", "1"], { environment });
  await finished(startCancernet(atEnd, [...args, "--queue", "postgres", "--root", folder], { environment }));
  worker.process.kill("SIGINT");
  await worker.ended;
}

async function finished({ ended, printed }: ReturnType<typeof startCancernet>): Promise<void> {
  const { code } = await ended;
  if (code !== 0) throw new Error(printed());
}
