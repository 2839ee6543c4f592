/** Runs a peer in a separate process that works only on request, so that two programs can alternate on one machine. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Contender, Turn } from "./interleave.ts";

/** A peer that prints nothing for this long is stuck and will be killed. */
const SILENCE_SECONDS = 240;
const FAREWELL_SECONDS = 5;

/** The running peers. Each one leads a process group, which includes its worker processes. */
const running = new Set<ChildProcess>();

/**
 * Starts a peer. The program prints a JSON line {"name", "versions"} when it is ready, answers each line "go <steps>"
 * with {"seconds", "patches"}, and ends at "quit" or at the end of its input. It can also answer {"cannot": reason}.
 */
export async function startPeer(program: string, settings: readonly string[]): Promise<Contender> {
  const child = spawn(program, settings, { stdio: ["pipe", "pipe", "pipe"], detached: true });
  running.add(child);
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve())).then(() => running.delete(child));
  child.once("error", () => {}); // It did not start; `answer` below reports that.
  child.stdin.on("error", () => {}); // It has ended; `answer` below reports that.
  let complaint = "";
  child.stderr.on("data", (text) => {
    complaint = (complaint + text).slice(-4000);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<Record<string, unknown>> => {
    const limit = setTimeout(() => end(child), SILENCE_SECONDS * 1000);
    const { value, done } = await lines.next();
    clearTimeout(limit);
    if (done) {
      await gone;
      throw new Error(lastLine(complaint) || `it ended without a word, or said nothing for ${SILENCE_SECONDS} s`);
    }
    const said = JSON.parse(value);
    if (said.cannot !== undefined) throw new Error(said.cannot);
    return said;
  };
  const close = async () => {
    child.stdin.end("quit\n");
    const limit = setTimeout(() => end(child), FAREWELL_SECONDS * 1000);
    await gone;
    clearTimeout(limit);
  };
  try {
    const { name, versions } = (await answer()) as Pick<Contender, "name" | "versions">;
    const run = async (steps: number) => {
      child.stdin.write(`go ${steps}\n`);
      return (await answer()) as unknown as Turn;
    };
    return { name, versions: versions ?? {}, run, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Kills every peer and its workers immediately, if the benchmark is interrupted. */
export function endPeers(): void {
  for (const child of running) end(child);
}

function end(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL"); // The group no longer exists, or the system has no process groups.
  }
}

const lastLine = (text: string) => text.trim().split("\n").at(-1)!.trim();
