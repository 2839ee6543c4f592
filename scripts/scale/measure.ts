/** Runs the command line as a process, and measures its time and its largest memory. Linux only. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { statFields, TICKS_PER_SECOND, ticksOf } from "../../src/system/process_stat.ts";
import { MAIN } from "../../test/support/command.ts";

/** What a command costs. */
export interface Cost {
  readonly seconds: number;
  /** The largest resident memory of the process and its children together. */
  readonly megabytes: number;
  /** The time of all processors in user code and in the kernel, as of the last look. */
  readonly processorSeconds: number;
}

/** Memory is read this often. What is used for a shorter time and freed again still counts, see `look`. */
const LOOK_MILLISECONDS = 100;
const LOG_CHARACTERS = 2000;

/**
 * Runs `cancernet` with the arguments.
 * @param log the file for its messages
 * @returns undefined if it was ended because it took longer than `mostSeconds`
 * @throws Error with its last messages if it fails.
 */
export async function costOf(
  args: readonly string[],
  { log, mostSeconds }: { readonly log: string; readonly mostSeconds: number },
): Promise<Cost | undefined> {
  const messages = openSync(log, "w");
  const start = performance.now();
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "ignore", messages] });
  closeSync(messages);
  const killWithParent = () => child.kill("SIGKILL");
  process.once("exit", killWithParent);
  const limit = setTimeout(() => child.kill("SIGKILL"), Math.min(mostSeconds * 1000, 2 ** 31 - 1));
  let [peak, ticks, seconds] = [0, 0, 0];
  const ended = once(child, "exit").then(([code, killedBy]) => {
    seconds = (performance.now() - start) / 1000;
    return { code, killedBy };
  });
  while (child.exitCode === null && child.signalCode === null) {
    const seen = look(child.pid!);
    peak = Math.max(peak, seen.peakBytes);
    ticks = Math.max(ticks, seen.ticks);
    await Promise.race([ended, sleep(LOOK_MILLISECONDS)]);
  }
  const { code, killedBy } = await ended;
  clearTimeout(limit);
  process.off("exit", killWithParent);
  if (killedBy === "SIGKILL" && seconds >= mostSeconds) return undefined;
  if (code !== 0) {
    const said = readFileSync(log, "utf8").slice(-LOG_CHARACTERS);
    throw new Error(`cancernet ${args.join(" ")} ended with ${killedBy ?? code}:\n${said}`);
  }
  return { seconds, megabytes: peak / 1e6, processorSeconds: ticks / TICKS_PER_SECOND };
}

/**
 * The largest resident memory so far and the processor time of the process and of its living children, from Linux's
 * proc(5). The kernel keeps the largest memory of each process.
 */
function look(root: number): { peakBytes: number; ticks: number } {
  const fieldsOf = new Map<number, string[]>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const fields = statFields(`/proc/${name}`);
    if (fields) fieldsOf.set(Number(name), fields);
  }
  const isOurs = (pid: number): boolean => pid === root || (fieldsOf.has(pid) && isOurs(Number(fieldsOf.get(pid)![1])));
  const sums = { peakBytes: 0, ticks: 0 };
  for (const [pid, fields] of fieldsOf) {
    if (!isOurs(pid)) continue;
    sums.peakBytes += Number(/^VmHWM:\s+(\d+) kB$/m.exec(textOf(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
    sums.ticks += ticksOf(fields);
  }
  return sums;
}

/** The text of a file; empty if its process has ended meanwhile. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
