/** Runs a hostile input inside this process or through the real program, and hands what came of it to the judge. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { COMMANDS } from "../../src/app/cli/commands.ts";
import { printError, runCommandLine } from "../../src/app/cli/run.ts";
import { MAIN, streams } from "../support/command.ts";
import { type HostileInput, judge, listing, MOST_MILLISECONDS, type Outcome, type Place } from "./judge.ts";

const PEAK_MEMORY = resolve("test/hostile/peak_memory.ts");

export type Way = "inside" | "child";

/** Lays the input out below `root`, runs it, judges it, and clears up. */
export async function tryInput(root: string, input: HostileInput, way: Way): Promise<"refused" | "result"> {
  const folder = mkdtempSync(join(root, "in put \u00e4 "));
  const place: Place = { folder, at: (...names) => join(folder, ...names), out: join(folder, "out") };
  try {
    for (const [name, content] of Object.entries(input.files?.() ?? {})) bring(join(folder, name), content);
    input.setUp?.(place);
    const surroundings = { folder: root, before: listing(root), out: place.out };
    const { result, ...outcome } =
      way === "child" ? await inChild(input.args(place), folder) : await inside(input, place);
    const verdict = judge(input, outcome, surroundings);
    if (verdict === "result") await input.check?.(result, place);
    return verdict;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function bring(path: string, content: Uint8Array | string | null): void {
  mkdirSync(content === null ? path : dirname(path), { recursive: true });
  if (content !== null) writeFileSync(path, content);
}

/** Runs `run`, or else the command line, with the command line's own translation of errors. */
async function inside(input: HostileInput, place: Place): Promise<Outcome & { result: unknown }> {
  const { text, stdout, reporter } = streams();
  const start = performance.now();
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), MOST_MILLISECONDS);
  const run = async (): Promise<{ exitCode: number; result?: unknown }> => {
    if (!input.run) {
      const surroundings = { commands: COMMANDS, reporter, stdout, signal: late.signal, folder: place.folder };
      return { exitCode: await runCommandLine(input.args(place), surroundings), result: text.out };
    }
    try {
      return { exitCode: 0, result: await input.run(place) };
    } catch (error) {
      return { exitCode: printError(error, reporter) };
    }
  };
  const hang = new Promise<{ exitCode: null; result?: unknown }>((done) => {
    late.signal.addEventListener("abort", () => setTimeout(() => done({ exitCode: null }), 1000));
  });
  const { exitCode, result } = await Promise.race([run(), hang]);
  clearTimeout(timer);
  return { exitCode, told: text.err, milliseconds: performance.now() - start, result };
}

/** Runs the real program, which is killed where it takes too long; its peak memory comes through a pipe of its own. */
function inChild(args: readonly string[], cwd: string): Promise<Outcome & { result: unknown }> {
  const start = performance.now();
  const child = spawn(process.execPath, ["--import", PEAK_MEMORY, MAIN, ...args], {
    cwd,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    timeout: MOST_MILLISECONDS,
    killSignal: "SIGKILL",
  });
  const texts = ["", "", "", ""];
  for (const stream of [1, 2, 3]) {
    child.stdio[stream]!.on("data", (bytes: Buffer) => {
      texts[stream] += bytes.toString();
    });
  }
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (exitCode) => {
      const milliseconds = performance.now() - start;
      done({ exitCode, told: texts[2]!, milliseconds, peakMegabytes: Number(texts[3]), result: texts[1] });
    });
  });
}
