/** Works of toy units for tests of the queue, workers of this process, and the server's environment. */

import { join } from "node:path";
import { describeWork } from "../../../src/units/description.ts";
import { folderResults } from "../../../src/units/folder_results.ts";
import { followQueue } from "../../../src/units/postgres/follow.ts";
import { UnitQueue } from "../../../src/units/postgres/queue.ts";
import { type UnitRow, VERSION } from "../../../src/units/postgres/row.ts";
import { type Reporter, silent } from "../../../src/util/reporter.ts";
import { type WorkResult, workOn } from "../../../src/workflows/work.ts";
import type { OpenableWorks } from "../../../src/workflows/works.ts";
import type { Postgres } from "../../support/postgres.ts";
import { toyWork } from "../toy.ts";

type Content = Parameters<typeof toyWork>[2];

/** From now on, this process uses the server. */
export function useServer({ environment }: Postgres, more: Readonly<Record<string, string>> = {}): void {
  Object.assign(process.env, environment, more);
}

/** A folder of results with the description of a work of toys. */
export async function describeToys(
  results: string,
  name: string,
  units: readonly string[],
  facts: Record<string, unknown> = {},
): Promise<string> {
  const folder = join(results, name);
  await describeWork(folderResults(folder), {
    verb: "toy",
    facts,
    details: {},
    units: units.map((unit) => ({ name: unit })),
  });
  return folder;
}

/** A table of works with toys, whose units write what `content` returns. */
export const toyWorks = (content?: Content): OpenableWorks => ({
  toy: {
    async open({ units }, { results: { folder } }) {
      const names = units.map(({ name }) => name);
      return toyWork(folder, names, content);
    },
  },
});

export const rowsOf = (folder: string, units: readonly string[]): UnitRow[] =>
  units.map((unit) => ({ verb: "toy", folder, unit, version: VERSION }));

/** Offers units of a folder of results. */
export async function offerUnits(folder: string, units: readonly string[]): Promise<void> {
  await withQueue((queue) => queue.offer(rowsOf(folder, units)));
}

export async function withQueue<T>(run: (queue: UnitQueue) => Promise<T>): Promise<T> {
  const queue = await UnitQueue.open({ supervises: false });
  try {
    return await run(queue);
  } finally {
    await queue.close();
  }
}

/** What a worker or a submitter has reported. */
export interface Heard {
  readonly reporter: Reporter;
  readonly warnings: string[];
}

export function listen(): Heard {
  const warnings: string[] = [];
  return { warnings, reporter: { ...silent, warn: (line) => void warnings.push(line) } };
}

export interface StartedWorker extends Heard {
  readonly ended: Promise<WorkResult>;
  stop(): void;
}

/** Starts a worker in this process. */
export function startWorker(
  results: string,
  works: OpenableWorks = toyWorks(),
  { untilEmpty = true, name = "tester" } = {},
): StartedWorker {
  const heard = listen();
  const stop = new AbortController();
  const context = { reporter: heard.reporter, signal: stop.signal };
  const ended = workOn(works, { results, root: results, untilEmpty, name }, context);
  ended.catch(() => {}); // Tests await it later.
  return { ...heard, ended, stop: () => stop.abort(new DOMException("stopped", "AbortError")) };
}

/** Offers units and follows them. @returns the error of each unit, null if it is done */
export async function follow(
  folder: string,
  units: readonly string[],
  { reporter = silent, signal = new AbortController().signal }: { reporter?: Reporter; signal?: AbortSignal } = {},
): Promise<Map<string, string | null>> {
  const settled = new Map<string, string | null>();
  const submission = { verb: "toy", folder, units, total: units.length };
  await followQueue(submission, { reporter, signal }, async (unit, error) => void settled.set(unit, error));
  return settled;
}
