/**
 * Runs a fixed sequence of commands and prints the SHA-256 of every file that they write, so that two versions of the
 * program can be compared. Usage: `node scripts/result_hashes.ts DATA [FILE]`. DATA is a folder with idc-subset.zip and
 * slides/. The output has one line per file, "hash  path". Also hashes the standard output of each command.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const MAIN = resolve(import.meta.dirname, "..", "src", "app", "cli", "main.ts");
/** Temporary files, which are not results. */
const PASSING = /checkpoint-\d+\.bin$|run\.lock$/;

const [data, file] = process.argv.slice(2);
if (data === undefined) {
  console.error("usage: node scripts/result_hashes.ts DATA [FILE]");
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), "cancernet-results-"));
const lines: string[] = [];

const SLIDE = join(resolve(data), "slides", "8917.png");
const SEQUENCE: readonly (readonly [name: string, ...command: string[]])[] = [
  ["demo", "demo", "--out", "demo", "--epochs", "1"],
  [
    "prepare",
    "prepare",
    join(resolve(data), "idc-subset.zip"),
    "--out",
    "subset",
    "--split-lists",
    join(resolve(data), "splits"),
  ],
  ["train", "train", "subset", "--out", "run", "--epochs", "1", "--model", "compact", "--views", "1", "--seed", "3"],
  ["evaluate run", "evaluate", "run"],
  ["evaluate idc", "evaluate", "idc", "--dataset", "subset", "--out", "idc-on-subset"],
  ["evaluate cancernet", "evaluate", "cancernet", "--dataset", "subset", "--out", "cancernet-on-subset"],
  ["compare", "compare", "demo/run", "demo/run"],
  ["compare json", "compare", "demo/run", "demo/run", "--json"],
  ["calibrate", "calibrate", "run", "--threshold", "sensitivity=.9", "--out", "calibrated.onnx"],
  ["add-context", "add-context", "run", "--out", "neighbours.onnx"],
  ["predict", "predict", "run", "demo/cohort/90001", "demo/cohort/90002", "--json"],
  ["predict csv", "predict", "idc", "demo/cohort/90001", "--csv"],
  ["export", "export", "run", "--out", "plain.onnx"],
  ["explain", "explain", "run", "demo/cohort/90001/0/90001_idx5_x101_y151_class0.png", "--out", "why"],
  ["slide", "slide", "idc", SLIDE, "--scale", "1", "--out", "slide"],
  [
    "crossvalidate",
    "crossvalidate",
    "demo/dataset",
    "--out",
    "folds",
    "--folds",
    "3",
    "--epochs",
    "1",
    "--model",
    "compact",
  ],
];

try {
  for (const [name, ...command] of SEQUENCE) run(name, command);
  for (const path of filesIn(folder)) {
    if (!PASSING.test(path)) lines.push(`${sha256(readFileSync(join(folder, path)))}  ${path}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const text = `${lines.join("\n")}\n`;
if (file === undefined) process.stdout.write(text);
else writeFileSync(file, text);

function run(name: string, command: readonly string[]): void {
  console.error(name);
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...command], {
    cwd: folder,
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`${command.join(" ")} ended with ${status}: ${stderr}`);
  lines.push(`${sha256(stdout)}  standard output of ${name}`);
}

function filesIn(root: string): string[] {
  const paths = readdirSync(root, { recursive: true, encoding: "utf8" });
  return paths.filter((path) => statSync(join(root, path)).isFile()).sort();
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
