/** Measures how much of the cores' time this process uses, in all and by thread. */
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { statFields, TICKS_PER_SECOND, ticksOf } from "../src/system/process_stat.ts";

/** Shares of the time that passed. */
export interface CoreUse {
  readonly seconds: number;
  readonly cores: number;
  /** The processor time of all threads, as a share of the time of all cores. */
  readonly all: number;
  /** The processor time of each thread that used a twentieth of a core or more, the largest first; empty if not on Linux. */
  readonly threads: readonly number[];
  /** The processor time of the main thread, which is the engine's first worker; undefined if not on Linux. */
  readonly main: number | undefined;
}

const LEAST_SHARE = 0.05;

/** Runs something and measures the processor time meanwhile. Waiting by polling counts as use. */
export async function coreUseOf(run: () => Promise<unknown>): Promise<CoreUse> {
  const [start, processor, before] = [performance.now(), process.cpuUsage(), secondsByThread()];
  await run();
  const after = secondsByThread();
  const { user, system } = process.cpuUsage(processor);
  const seconds = (performance.now() - start) / 1000;
  const cores = availableParallelism();
  const shares = new Map([...after].map(([thread, used]) => [thread, (used - (before.get(thread) ?? 0)) / seconds]));
  return {
    seconds,
    cores,
    all: (user + system) / 1e6 / seconds / cores,
    threads: [...shares.values()].filter((share) => share >= LEAST_SHARE).sort((a, b) => b - a),
    main: shares.get(String(process.pid)),
  };
}

/** The processor seconds of this process's threads so far. */
function secondsByThread(): Map<string, number> {
  const seconds = new Map<string, number>();
  if (process.platform !== "linux") return seconds;
  for (const thread of readdirSync("/proc/self/task")) {
    const fields = statFields(`/proc/self/task/${thread}`);
    if (fields) seconds.set(thread, ticksOf(fields) / TICKS_PER_SECOND);
  }
  return seconds;
}

/**
 * A sentence on an epoch of the fused engine.
 * @param waitingSeconds how long the engine's first worker waited for the other workers
 */
export function coreUseText({ seconds, cores, all, threads, main = 1 }: CoreUse, waitingSeconds: number): string {
  const byThread = threads.length === 0 ? "" : `, by thread ${threads.map(percent).join(", ")} of a core`;
  const waited = waitingSeconds / seconds;
  // It works neither while it waits nor while other programs have its core.
  const work = Math.min(main, 1 - waited);
  return (
    `**Use of the cores** in one more epoch from the pack, with the engine's profile on: the threads used ${percent(all)} of the ` +
    `time of ${cores} cores${byThread}. A worker that waits for the others polls, and that counts as use: the first worker ` +
    `waited in ${percent(waited)} of the time, so that at most ${percent(work)} of its core's time was work. The other workers do not measure this.`
  );
}

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
