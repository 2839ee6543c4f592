/** A peer in a process of its own that works when it is told to, so that two programs can take turns on one machine. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Something that can be measured: runs some steps and tells the seconds and the patches. */
export interface Contender {
  readonly name: string;
  run(steps: number): Promise<{ seconds: number; patches: number }>;
  close(): Promise<void>;
}

const SCRIPT = fileURLToPath(new URL("pytorch.py", import.meta.url));
export const PYTORCH_MISSING =
  "PyTorch is absent: install Debian's python3-torch and python3-numpy to compare with it.";

/** A Python with PyTorch: the one on the path, or Debian's. */
export function findPytorch(): string | undefined {
  return ["python3", "/usr/bin/python3"].find((python) => {
    if (python.startsWith("/") && !existsSync(python)) return false;
    return spawnSync(python, ["-c", "import torch, numpy"]).status === 0;
  });
}

/** Starts PyTorch at a work, in a memory layout; it has warmed up when this resolves. */
export async function startPytorch(
  python: string,
  options: { work: "step" | "predict"; layout: string; batch: number; threads: number },
): Promise<Contender> {
  const { work, layout, batch, threads } = options;
  const settings = ["--work", work, "--layout", layout, "--batch", String(batch), "--threads", String(threads)];
  const process = spawn(python, [SCRIPT, ...settings, "--interactive"], { stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface({ input: process.stdout! })[Symbol.asyncIterator]();
  const answer = async () => JSON.parse((await answers.next()).value ?? "null");
  const first: { torch: string } = await answer();
  return {
    name: `PyTorch ${first.torch} ${layout}`,
    async run(steps) {
      process.stdin!.write(`go ${steps}\n`);
      return answer();
    },
    close: () => end(process),
  };
}

function end(process: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    process.once("close", () => resolve());
    process.stdin!.end("quit\n");
  });
}
