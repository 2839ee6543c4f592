/** The real program as a process that tests kill, stop and continue, and whose output they read while it runs. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { MAIN, preloading } from "./command.ts";

export interface Running {
  readonly process: ChildProcess;
  /** All that it has printed on both streams so far. */
  printed(): string;
  readonly ended: Promise<{ readonly code: number | null; readonly killedBy: NodeJS.Signals | null }>;
}

export interface RunningOptions {
  readonly environment?: NodeJS.ProcessEnv;
  /** Scripts that the process and its threads run first. */
  readonly preloads?: readonly string[];
  readonly folder?: string;
}

/** Starts cancernet with the arguments. It is killed at the end of the test if it still runs. */
export function startCancernet(
  t: { after(end: () => unknown): void },
  args: readonly string[],
  { environment = {}, preloads = [], folder }: RunningOptions = {},
): Running {
  const flags = preloads.flatMap(preloading);
  const child = spawn(process.execPath, [...flags, MAIN, ...args], {
    env: { ...process.env, ...environment },
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
  }
  const ended = once(child, "close").then(([code, killedBy]) => ({ code, killedBy }));
  t.after(() => child.kill("SIGKILL"));
  return { process: child, printed: () => text, ended };
}
