/**
 * Moments at which processes that do units are killed: at a time, or exactly before or after a publication. No unit
 * loses its process twice, because a queue gives up a unit that has lost too many.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { RandomStream } from "../../src/system/random.ts";
import type { Running } from "../support/running.ts";

/** How a process will be killed. */
export interface Kill {
  readonly words: string;
  /** A script for the process. */
  readonly preload?: string;
  /** What the outside does to it; returns how to give up. */
  readonly onStart?: (running: Running) => () => void;
}

export interface KillPlan {
  /** The folder of the results. */
  readonly results: string;
  /** A folder with a file per unit whose process was killed, which holds the number of the process. */
  readonly killed: string;
  /** Processes that are not killed from outside for now. */
  readonly spared: ReadonlySet<Running>;
  /** A process has run for up to this time. */
  readonly mostMilliseconds: number;
  /** Or it has published up to this number of units. */
  readonly mostPublications: number;
}

/** Draws a moment. */
export function drawKill(random: RandomStream, plan: KillPlan): Kill {
  const kind = (["time", "before", "after"] as const)[random.integer(3)]!;
  if (kind === "time") return killAfter(random.integer(plan.mostMilliseconds), plan);
  const number = 1 + random.integer(Math.ceil(plan.mostPublications));
  return { words: `${kind} publication ${number}`, preload: killAtPublication(number, kind, plan.killed) };
}

/** The unit at which a process is; undefined between two units. */
export function unitOf(results: string, { process }: Running): string | undefined {
  const parts = join(results, ".units", "parts");
  const isOwn = (name: string) => name.includes(`.${process.pid}-`);
  return namesIn(parts).find((unit) => namesIn(join(parts, unit)).some(isOwn));
}

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return []; // Meanwhile it was removed.
  }
};

/** Stops a process for a moment, so that its unit is certain, and kills it. Returns whether it may be killed. */
async function killNow(running: Running, { results, killed, spared }: KillPlan): Promise<boolean> {
  if (spared.has(running)) return false;
  running.process.kill("SIGSTOP");
  await sleep(20);
  const unit = unitOf(results, running);
  const mayKill = unit === undefined || !namesIn(killed).includes(unit);
  if (mayKill && unit !== undefined) writeFileSync(join(killed, unit), String(running.process.pid));
  running.process.kill(mayKill ? "SIGKILL" : "SIGCONT");
  return mayKill;
}

/** Kills it after a time, and then as soon as the unit at which it is may lose its process. */
export function killAfter(milliseconds: number, plan: KillPlan): Kill {
  return {
    words: `after ${milliseconds} ms`,
    onStart(running) {
      const giveUp = new AbortController();
      const { signal } = giveUp;
      const run = async () => {
        await sleep(milliseconds, undefined, { signal });
        while (!signal.aborted && !(await killNow(running, plan))) await sleep(100, undefined, { signal });
      };
      run().catch(() => {}); // It was given up.
      return () => giveUp.abort();
    },
  };
}

/** The unit at which a process was killed; undefined if it was between two units. */
export const killedAt = (killed: string, { process }: Running): string | undefined =>
  namesIn(killed).find((unit) => readFileSync(join(killed, unit), "utf8") === String(process.pid));

/** Ends its process at the n-th folder of an attempt that gets its unit's name: before that, or right after it. */
function killAtPublication(number: number, moment: "before" | "after", killed: string): string {
  return `
    import { existsSync, writeFileSync } from "node:fs";
    import files from "node:fs/promises";
    import { syncBuiltinESMExports } from "node:module";
    import { basename, join } from "node:path";
    const { rename } = files;
    let left = ${number};
    files.rename = async (from, to) => {
      if (!from.endsWith(".partial") || to.endsWith(".partial") || --left > 0) return rename(from, to);
      const record = join(${JSON.stringify(killed)}, basename(to));
      if (existsSync(record)) return rename(from, to);
      if (${moment === "after"}) await rename(from, to);
      writeFileSync(record, String(process.pid));
      process.kill(process.pid, "SIGKILL");
    };
    syncBuiltinESMExports();`;
}
