/** Moments at which processes that do units are killed: at a time, or exactly before or after a publication. */
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

/**
 * Draws a moment.
 * @param mostMilliseconds the process has run for up to this time
 * @param mostPublications or it has published up to this number of units
 */
export function drawKill(random: RandomStream, mostMilliseconds: number, mostPublications: number): Kill {
  const kind = (["time", "before", "after"] as const)[random.integer(3)]!;
  if (kind === "time") return killAfter(random.integer(mostMilliseconds));
  const number = 1 + random.integer(mostPublications);
  return { words: `${kind} publication ${number}`, preload: killAtPublication(number, kind) };
}

function killAfter(milliseconds: number): Kill {
  return {
    words: `after ${milliseconds} ms`,
    onStart({ process }) {
      const timer = setTimeout(() => process.kill("SIGKILL"), milliseconds);
      return () => clearTimeout(timer);
    },
  };
}

/** Ends its process at the n-th folder of an attempt that gets its unit's name: before that, or right after it. */
function killAtPublication(number: number, moment: "before" | "after"): string {
  return `
    import files from "node:fs/promises";
    import { syncBuiltinESMExports } from "node:module";
    const { rename } = files;
    let left = ${number};
    files.rename = async (from, to) => {
      if (!from.endsWith(".partial") || to.endsWith(".partial") || --left > 0) return rename(from, to);
      if (${moment === "after"}) await rename(from, to);
      process.kill(process.pid, "SIGKILL");
    };
    syncBuiltinESMExports();`;
}
