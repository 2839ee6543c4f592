/**
 * Measures what a slide costs that many workers share: `node scripts/measure_unit_costs.ts FOLDER [GIGABYTES]` makes a
 * slide of that size in FOLDER, and prints for some scales the bytes of the slide that are read, the bytes of results
 * that are written (both as strace counts them), and the seconds with one thread: the difference between two slides and
 * one. Then it scores small slides by a queue, and prints the statements, the time in the server and the bytes of its
 * log per slide.
 */
import { spawnSync } from "node:child_process";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { MAIN } from "../test/support/command.ts";
import { NO_POSTGRES, startPostgres } from "../test/support/postgres.ts";
import { type Running, startCancernet } from "../test/support/running.ts";
import { writeSmallSlides } from "../test/support/small_slides.ts";
import { writeLargeSlide } from "./large_slide.ts";

const [given, gigabytes = "1"] = process.argv.slice(2) as [string, string?];
const folder = resolve(given);
const ends: (() => unknown)[] = [];
const atEnd = { after: (end: () => unknown) => ends.push(end) };
const millions = (value: number) => (value / 1e6).toFixed(1);

mkdirSync(folder, { recursive: true });
await storageCosts();
if (!NO_POSTGRES) await databaseCosts();
for (const end of ends) await end();

async function storageCosts(): Promise<void> {
  const { side, levels } = await writeLargeSlide(join(folder, "large.tif"), Number(gigabytes) * 1e9);
  const shares = levels.map((bytes) => `${millions(bytes)} MB`).join(", ");
  console.log(`The slide has ${side} x ${side} pixels; the tiles of its levels have ${shares}.`);
  // The same file under another name is another slide.
  rmSync(join(folder, "again.tif"), { force: true });
  linkSync(join(folder, "large.tif"), join(folder, "again.tif"));
  for (const scale of [16, 8, 4]) {
    const { read, written } = bytesOf(argumentsFor(["large.tif"], scale));
    const [one, two] = [await secondsOf(["again.tif"], scale), await secondsOf(["again.tif", "large.tif"], scale)];
    console.log(
      `--scale ${scale}: ${millions(read)} MB read, ${millions(written)} MB written, ` +
        `${(two.seconds - one.seconds).toFixed(1)} s, ${(two.busy - one.busy).toFixed(1)} s of a processor`,
    );
  }
}

function argumentsFor(slides: readonly string[], scale: number): string[] {
  const [list, out] = [join(folder, "list.txt"), join(folder, "results")];
  writeFileSync(list, slides.join("\n"));
  rmSync(out, { recursive: true, force: true });
  return ["slide", "idc", list, "--scale", String(scale), "--threads", "1", "--out", out];
}

/** The bytes that a command reads from and writes to files in the folder. */
function bytesOf(args: readonly string[]): { read: number; written: number } {
  const log = join(folder, "strace.txt");
  const calls = "trace=read,pread64,readv,preadv,write,pwrite64,writev,pwritev";
  const ran = spawnSync("strace", ["-f", "-y", "-s", "0", "-e", calls, "-o", log, process.execPath, MAIN, ...args]);
  if (ran.status !== 0) throw new Error(`${ran.error ?? ran.stderr}`);
  const sums = { read: 0, written: 0 };
  const begun = new Map<string, string>();
  for (const line of readFileSync(log, "utf8").split("\n")) {
    const [, thread, rest] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (thread === undefined) continue;
    // A call that another thread interrupts is two lines. The first one names the file, the second one the bytes.
    if (rest!.endsWith("<unfinished ...>")) begun.set(thread, rest!);
    const call = rest!.startsWith("<... ") ? begun.get(thread)! : rest!;
    const bytes = Number(/ = (\d+)$/.exec(rest!)?.[1] ?? 0);
    if (!call.includes(`<${folder}/`)) continue;
    if (/^p?read/.test(call)) sums.read += bytes;
    else sums.written += bytes;
  }
  return sums;
}

/** The seconds of a command for the slides, and those of the processors. */
async function secondsOf(slides: readonly string[], scale: number): Promise<{ seconds: number; busy: number }> {
  const facts = join(folder, "seconds.json");
  const preload = `
    import { writeFileSync } from "node:fs";
    import { isMainThread } from "node:worker_threads";
    if (isMainThread) process.on("exit", () => {
      const { userCPUTime, systemCPUTime } = process.resourceUsage();
      writeFileSync(${JSON.stringify(facts)}, JSON.stringify((userCPUTime + systemCPUTime) / 1e6));
    });`;
  const start = performance.now();
  await finished(startCancernet(atEnd, argumentsFor(slides, scale), { preloads: [preload] }));
  return { seconds: (performance.now() - start) / 1000, busy: Number(readFileSync(facts, "utf8")) };
}

/** The difference between many and few slides, so that what happens once per work plays no part. */
async function databaseCosts(): Promise<void> {
  const [few, many] = [20, 120];
  const [a, b] = [await databaseCost(few), await databaseCost(many)];
  const [statements, milliseconds, log] = b.map((value, i) => (value - a[i]!) / (many - few)) as [
    number,
    number,
    number,
  ];
  console.log(
    `queue: ${statements.toFixed(1)} statements, ${milliseconds.toFixed(2)} ms in the server, ${log.toFixed(0)} bytes of its log per slide`,
  );
}

/** Statements, milliseconds in the server, and bytes of its log that a work of small slides takes. */
async function databaseCost(count: number): Promise<number[]> {
  const server = await startPostgres(atEnd, ["shared_preload_libraries=pg_stat_statements"]);
  await server.query("create extension pg_stat_statements");
  const [slides, out] = [join(folder, `small-${count}`), join(folder, "results")];
  writeSmallSlides(slides, count);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
  const { environment } = server;
  const worker = startCancernet(atEnd, ["work", "--results", folder, "--root", folder, "--threads", "1"], {
    environment,
  });
  const args = ["slide", "idc", slides, "--scale", "1", "--out", out, "--queue", "postgres", "--root", folder];
  await finished(startCancernet(atEnd, args, { environment }));
  worker.process.kill("SIGINT");
  await worker.ended;
  const [[calls, time]] = (await server.query("select sum(calls), sum(total_exec_time) from pg_stat_statements")) as [
    string[],
  ];
  const [[log]] = (await server.query("select pg_current_wal_lsn() - '0/0'")) as [string[]];
  await server.stop("fast");
  return [Number(calls), Number(time), Number(log)];
}

/** @throws Error unless the command has ended well, damaged slides apart. */
async function finished({ ended, printed }: Running): Promise<void> {
  const { code } = await ended;
  if (code !== 0 && !/slides? failed, as/.test(printed())) throw new Error(printed());
}
