/** What the tests of --resume share: a small dataset, the real program in a process of its own, and what a run must equal. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { before } from "node:test";
import { RECORD_BYTES } from "../../src/histology/dataset/record.ts";
import { drawDataset } from "../support/cohort.ts";
import { MAIN, preloading } from "../support/command.ts";
import { type At, jsonOf, useFolder } from "../support/folder.ts";

/** A path in a folder that holds "dataset" (about 80 training patches) while the tests run; `more` is made after it. */
export function useDataset(more?: () => Promise<unknown>): At {
  const at = useFolder("resume");
  before(async () => {
    await drawDataset(at);
    await more?.();
  });
  return at;
}

export interface Ended {
  readonly code: number | null;
  readonly killedBy: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProcessOptions {
  /** A script that the process runs first. */
  readonly preload?: string;
  readonly onStart?: (child: ChildProcess) => void;
}

/** Runs "cancernet train" with the arguments. */
export const trainProcess = (args: readonly string[], options?: ProcessOptions): Promise<Ended> =>
  commandProcess(["train", ...args], options);

/** Runs cancernet with the arguments. */
export async function commandProcess(
  args: readonly string[],
  { preload = "", onStart }: ProcessOptions = {},
): Promise<Ended> {
  const first = preloading(preload);
  const child = spawn(process.execPath, [...first, MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  onStart?.(child);
  const [stdout, stderr, [code, killedBy]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  return { code, killedBy, stdout, stderr };
}

const RESULTS = ["model.onnx", "last.onnx", "history.csv", "plot.png"];

/** A run's description without the number of threads, on which nothing depends, and how often checkpoints were written. */
function description(folder: string): Record<string, unknown> {
  const run = jsonOf(join(folder, "run.json"));
  return { ...run, options: { ...run.options, threads: undefined, checkpointEvery: undefined } };
}

/** Two runs have the same results, byte for byte, and nothing half-written lies about. */
export function assertSameRun(folder: string, expected: string, label: string): void {
  for (const file of RESULTS) {
    const same = readFileSync(join(folder, file)).equals(readFileSync(join(expected, file)));
    assert.ok(same, `${label}: ${file} differs`);
  }
  assert.deepEqual(description(folder), description(expected), label);
  const known = [...RESULTS, "run.json", "run.lock", "checkpoint-1.bin", "checkpoint-2.bin"];
  assert.deepEqual(
    readdirSync(folder).filter((name) => !known.includes(name)),
    [],
    label,
  );
}

/** The arguments that begin a run, or go on with one that was begun. */
export function argsFor(folder: string, begin: readonly string[]): string[] {
  return existsSync(join(folder, "run.json")) ? ["--resume", folder] : [...begin, "--out", folder];
}

/** Sends the process signals from inside, once so many patches were read: while a step of its first epoch runs. */
export function signalAtPatch(count: number, signals: readonly string[]): string {
  return `
    import files from "node:fs";
    import { syncBuiltinESMExports } from "node:module";
    const { readSync } = files;
    let left = ${count};
    files.readSync = (...args) => {
      if (args[3] === ${RECORD_BYTES} && --left === 0) for (const name of ${JSON.stringify(signals)}) process.kill(process.pid, name);
      return readSync(...args);
    };
    syncBuiltinESMExports();`;
}
