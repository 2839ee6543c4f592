/**
 * Measures what the queue costs, with units that do nothing: `node scripts/measure_queue.ts [UNITS] [WORKERS]` starts a
 * PostgreSQL server of its own, offers the units as a command with --queue does and follows them, and prints the units
 * per second, the milliseconds of taking and of settling, and the time per unit in the last tenth over the first one.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { followQueue } from "../src/units/postgres/follow.ts";
import { UnitQueue } from "../src/units/postgres/queue.ts";
import { takeUnits } from "../src/units/postgres/take_loop.ts";
import { whole } from "../src/util/numbers.ts";
import { silent } from "../src/util/reporter.ts";
import { NO_POSTGRES, startPostgres } from "../test/support/postgres.ts";

const [units = "10000", workers = "1", role] = process.argv.slice(2);
const context = { reporter: silent, signal: new AbortController().signal };

if (role === "worker") await work();
else if (NO_POSTGRES) console.log(`The queue ${NO_POSTGRES}.`);
else await measure(Number(units), Number(workers));

async function work(): Promise<void> {
  await takeUnits({ id: `${process.pid}`, name: "measured", untilEmpty: true, do: async () => null }, context);
}

async function measure(count: number, processes: number): Promise<void> {
  const ends: (() => unknown)[] = [];
  const server = await startPostgres({ after: (end) => ends.push(end) });
  Object.assign(process.env, server.environment);
  try {
    await takeAndSettle();
    const names = Array.from({ length: count }, (_, index) => `unit-${index}`);
    const start = performance.now();
    let offered = 0;
    const times: number[] = [];
    const children: Promise<unknown>[] = [];
    const follows = followQueue(
      { verb: "slide", folder: "results", units: names, total: count },
      {
        ...context,
        reporter: {
          ...silent,
          progress() {
            if (offered > 0) return;
            offered = performance.now() - start;
            for (let worker = 0; worker < processes; worker++) {
              const args = [process.argv[1]!, units!, workers!, "worker"];
              children.push(once(spawn(process.execPath, args, { stdio: "inherit" }), "exit"));
            }
          },
        },
      },
      async () => void times.push(performance.now()),
    );
    await follows;
    await Promise.all(children);
    console.log(`${whole(count)} units offered in ${(offered / 1000).toFixed(1)} s`);
    await report(server, count, processes);
  } finally {
    for (const end of ends) await end();
  }
}

/** The times of settling are those of the database. */
async function report(server: { query(sql: string): Promise<string[][]> }, count: number, processes: number) {
  const rows = await server.query(
    `select extract(epoch from finished) from cancernet_units.results where folder = 'results' order by finished`,
  );
  const seconds = rows.map(([time]) => Number(time));
  const tenth = Math.floor(count / 10);
  const perUnit = (from: number, to: number) => ((seconds[to]! - seconds[from]!) / (to - from)) * 1000;
  const [first, last] = [perUnit(0, tenth), perUnit(count - tenth - 1, count - 1)];
  const all = (count - 1) / (seconds.at(-1)! - seconds[0]!);
  console.log(`${processes} workers: ${whole(Math.round(all))} units per second`);
  console.log(
    `${first.toFixed(2)} ms per unit in the first tenth, ${last.toFixed(2)} ms in the last one: ${(last / first).toFixed(2)}`,
  );
}

async function takeAndSettle(): Promise<void> {
  const queue = await UnitQueue.open({ supervises: false });
  const count = 1000;
  const { VERSION } = await import("../src/units/postgres/row.ts");
  const rows = Array.from({ length: count }, (_, index) => ({
    verb: "slide",
    folder: "single",
    unit: `unit-${index}`,
    version: VERSION,
  }));
  await queue.offer(rows);
  let [take, settle] = [0, 0];
  for (let index = 0; index < count; index++) {
    const start = performance.now();
    const attempt = (await queue.take())!;
    const taken = performance.now();
    await queue.settle(attempt, attempt.data as (typeof rows)[number], "measured", null);
    take += taken - start;
    settle += performance.now() - taken;
  }
  await queue.close();
  console.log(`${(take / count).toFixed(2)} ms to take a unit, ${(settle / count).toFixed(2)} ms to settle it`);
}
