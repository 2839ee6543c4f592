/** The command line: in this process, with its streams in texts, and as a process of its own. */
import { type SpawnSyncOptions, spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { COMMANDS } from "../../src/app/cli/commands.ts";
import { runCommandLine } from "../../src/app/cli/run.ts";
import { TerminalReporter } from "../../src/app/cli/terminal_reporter.ts";

export const MAIN = resolve("src/app/cli/main.ts");

/** The two streams of a program, whether each is a terminal, and how wide. */
export interface Streams {
  readonly outIsTTY?: boolean | undefined;
  readonly errIsTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** Streams that keep what is written, and the reporter that writes to them. */
export function streams({ outIsTTY = false, errIsTTY = false, columns }: Streams = {}) {
  const text = { out: "", err: "" };
  const stdout = { isTTY: outIsTTY, columns, write: (part: string) => (text.out += part) };
  const stderr = { isTTY: errIsTTY, columns, write: (part: string) => (text.err += part) };
  const nowMilliseconds = () => performance.now();
  return { text, stdout, reporter: new TerminalReporter({ stdout, stderr, live: errIsTTY, nowMilliseconds }) };
}

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** What ended it, if it failed. */
  readonly error: unknown;
}

type Surroundings = Partial<Pick<Parameters<typeof runCommandLine>[1], "commands" | "signal" | "folder">>;

/** Runs cancernet with the arguments in this process. */
export async function cancernet(
  args: readonly string[],
  { outIsTTY, errIsTTY, columns, ...more }: Streams & Surroundings = {},
): Promise<Ended> {
  const { text, ...own } = streams({ outIsTTY, errIsTTY, columns });
  let error: unknown;
  const onError = (thrown: unknown) => {
    error = thrown;
  };
  const usual = { commands: COMMANDS, signal: new AbortController().signal, folder: process.cwd() };
  const code = await runCommandLine(args, { ...usual, ...own, ...more, onError });
  return { code, error, ...text };
}

/** Runs the real program with the arguments, or with the words of a line; `flags` are Node's. */
export function program(
  line: string | readonly string[],
  { flags = [], ...options }: SpawnSyncOptions & { flags?: readonly string[] } = {},
) {
  const args = typeof line === "string" ? line.split(" ") : line;
  return spawnSync(process.execPath, [...flags, MAIN, ...args], { ...options, encoding: "utf8" });
}

/** Node's flags to run a script before the program. */
export const preloading = (script: string) => ["--import", `data:text/javascript,${encodeURIComponent(script)}`];
