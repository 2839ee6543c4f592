/** A queue of slides on a real PostgreSQL server, for tests of the commands that use it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Postgres } from "./postgres.ts";
import { startCancernet } from "./running.ts";

const LONGEST_MILLISECONDS = 120_000;

/** The environment without any variable that names a server. */
export const noServer = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^PG|^CANCERNET_DATABASE_URL$/.test(name)));

/**
 * Starts a command, and sends it Ctrl-C when its units wait in the queue, where they stay.
 * @param line a command line with --queue
 * @returns what it printed, and its exit code
 */
export async function offer(server: Postgres, line: readonly string[]) {
  const ends: (() => unknown)[] = [];
  const environment = { ...noServer(), ...server.environment };
  const { process, printed, ended } = startCancernet({ after: (end) => ends.push(end) }, line, { environment });
  try {
    const end = performance.now() + LONGEST_MILLISECONDS;
    while ((await waiting(server)) === 0) {
      if (process.exitCode !== null || performance.now() > end) throw new Error(`Nothing was offered: ${printed()}`);
      await sleep(100);
    }
    process.kill("SIGINT");
    return { ...(await ended), text: printed() };
  } finally {
    for (const one of ends) one();
  }
}

/** How many units wait. */
async function waiting({ query }: Postgres): Promise<number> {
  const sql = "select count(*) from cancernet_queue.job where state in ('created', 'retry') and name like 'units/%'";
  const rows = await query(sql).catch(() => [["0"]]); // The tables are made by the command.
  return Number(rows[0]![0]);
}
