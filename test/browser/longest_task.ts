/** How long a page was busy at once, from a trace of chromium. */
import assert from "node:assert/strict";

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** The thread's processor time in microseconds. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** The longest task of any page's main thread, in milliseconds of processor time: other programs do not count. */
export function longestTask(trace: Buffer): number {
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
