/** Whether a page stays responsive: how long it was busy at once, from a trace of chromium. */
import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { staysBelow } from "../support/repeated.ts";

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** The thread's processor time in microseconds. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** A page is responsive if none of its tasks takes longer, in milliseconds. */
const LONGEST = 50;

/**
 * Does the work in a page, and checks that no task of the page takes longer than 50 ms of processor time. Otherwise the work is
 * done again, see `staysBelow`. Returns what the work gave, and the time of the longest task in milliseconds.
 */
export async function staysResponsive<T>(browser: Browser, page: Page, work: () => Promise<T>): Promise<[T, number]> {
  let result: T;
  const longest = await staysBelow(LONGEST, async () => {
    await browser.startTracing(page, { categories: ["toplevel"] });
    result = await work();
    return longestTask(await browser.stopTracing());
  });
  return [result!, longest];
}

/** The longest task of any page's main thread, in milliseconds of processor time: other programs do not count. */
function longestTask(trace: Buffer): number {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const threadOf = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`;
  const mains = new Set(
    traceEvents.filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain").map(threadOf),
  );
  const tasks = traceEvents.filter((event) => event.name.endsWith("RunTask") && mains.has(threadOf(event)));
  // A task that still runs when the trace ends has no time.
  const times = tasks.flatMap(({ tdur }) => tdur ?? []);
  assert.ok(times.length > 100, `only ${times.length} tasks were traced`);
  return Math.max(...times) / 1000;
}
