/**
 * Measures what the queue costs, with units that do nothing: `node scripts/measure_queue.ts [UNITS] [WORKERS]` starts a
 * PostgreSQL server of its own, offers the units as a command with --queue does, lets workers do them, and follows them.
 * It prints the milliseconds of taking and of settling, the units per second, and the costs of a unit in the last tenth
 * over those in the first one. The processors' time says more than the clock if others use the machine too.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { statFields, TICKS_PER_SECOND, ticksOf } from "../src/system/process_stat.ts";
import { followQueue } from "../src/units/postgres/follow.ts";
import { UnitQueue } from "../src/units/postgres/queue.ts";
import { VERSION } from "../src/units/postgres/row.ts";
import { takeUnits } from "../src/units/postgres/take_loop.ts";
import { whole } from "../src/util/numbers.ts";
import { silent } from "../src/util/reporter.ts";
import { NO_POSTGRES, type Postgres, startPostgres } from "../test/support/postgres.ts";

const [units = "10000", workers = "1", role] = process.argv.slice(2) as string[];
const context = { reporter: silent, signal: new AbortController().signal };
const children: ChildProcess[] = [];

async function work(): Promise<void> {
  await takeUnits({ id: `${process.pid}`, name: "measured", untilEmpty: false, do: async () => null }, context);
}

async function measure(count: number, processes: number): Promise<void> {
  const ends: (() => unknown)[] = [];
  const server = await startPostgres({ after: (end) => ends.push(end) });
  Object.assign(process.env, server.environment);
  try {
    await takeAndSettle();
    const samples = await followAll(server, count, processes);
    console.log(
      `${processes} workers: ${whole(Math.round((count * 0.9) / secondsBetween(samples, 1, 10)))} units per second`,
    );
    for (const cost of ["seconds", "server", "worker", "submitter"] as const) {
      const perUnit = (tenth: number) => ((samples[tenth]![cost] - samples[tenth - 1]![cost]) / (count / 10)) * 1000;
      const [first, last] = [perUnit(1), perUnit(10)];
      const what = cost === "seconds" ? "by the clock" : `of processors: ${cost}`;
      console.log(
        `${first.toFixed(3)} ms per unit, at the end ${last.toFixed(3)}: ${(last / first).toFixed(2)} (${what})`,
      );
    }
  } finally {
    for (const end of ends) await end();
  }
}

/** Costs until now, in seconds. */
interface Sample {
  readonly seconds: number;
  readonly server: number;
  readonly worker: number;
  readonly submitter: number;
}

const secondsBetween = (samples: readonly Sample[], from: number, to: number) =>
  samples[to]!.seconds - samples[from]!.seconds;

/** Offers and follows units. @returns a sample before the first one, and one after each tenth */
async function followAll(server: Postgres, count: number, processes: number): Promise<Sample[]> {
  const names = Array.from({ length: count }, (_, index) => `unit-${index}`);
  const samples: Sample[] = [];
  const start = performance.now();
  const begin = () => {
    console.log(`${whole(count)} units offered in ${((performance.now() - start) / 1000).toFixed(1)} s`);
    for (let worker = 0; worker < processes; worker++) {
      const args = [process.argv[1]!, units, workers, "worker"];
      children.push(spawn(process.execPath, args, { stdio: "inherit" }));
    }
  };
  let settled = 0;
  const reporter = { ...silent, progress: () => void (children.length === 0 && begin()) };
  await followQueue({ verb: "toy", folder: "many", units: names, total: count }, { ...context, reporter }, async () => {
    if (settled++ === 0 || settled % Math.floor(count / 10) === 0) samples.push(sample(server));
  });
  const ended = children.map((child) => once(child, "exit"));
  for (const child of children) child.kill();
  await Promise.all(ended);
  return samples;
}

function sample(server: Postgres): Sample {
  const { user, system } = process.cpuUsage();
  const postmaster = Number(readFileSync(join(server.host, "data", "postmaster.pid"), "utf8").split("\n")[0]);
  return {
    seconds: performance.now() / 1000,
    server: processorSeconds(postmaster),
    worker: children.map(({ pid }) => processorSeconds(pid!)).reduce((sum, seconds) => sum + seconds, 0),
    submitter: (user + system) / 1e6,
  };
}

/** The time of processors that a process and its children have used, from Linux's proc(5). */
function processorSeconds(pid: number): number {
  let ticks = 0;
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const fields = statFields(`/proc/${name}`);
    if (fields === undefined) continue;
    if (Number(name) === pid) ticks += ticksOf(fields) + Number(fields[13]) + Number(fields[14]);
    else if (Number(fields[1]) === pid) ticks += ticksOf(fields);
  }
  return ticks / TICKS_PER_SECOND;
}

async function takeAndSettle(): Promise<void> {
  const count = 1000;
  const queue = await UnitQueue.open({ supervises: false });
  const rows = Array.from({ length: count }, (_, index) => `unit-${index}`).map((unit) => {
    return { verb: "toy", folder: "single", unit, version: VERSION };
  });
  await queue.offer(rows);
  let [take, settle] = [0, 0];
  for (const row of rows) {
    const start = performance.now();
    const attempt = (await queue.take())!;
    const taken = performance.now();
    await queue.settle(attempt, row, "measured", null);
    take += taken - start;
    settle += performance.now() - taken;
  }
  await queue.close();
  console.log(`${(take / count).toFixed(2)} ms to take a unit, ${(settle / count).toFixed(2)} ms to settle it`);
}

if (role === "worker") await work();
else if (NO_POSTGRES) console.log(`The queue ${NO_POSTGRES}.`);
else await measure(Number(units), Number(workers));
