/**
 * What must hold before a commit: format and lint, types, architecture, and the fast tests; with --all the slow tests
 * (test/**\/*.slow.test.ts) too, so that each test runs once. Stops at the first failure with exit code 1.
 */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { delimiter, join, resolve } from "node:path";

const ARCHITECTURE = join("test", "architecture.test.ts");
const CHECK_SECONDS = 20;

const tests = readdirSync("test", { recursive: true, encoding: "utf8" })
  .map((path) => join("test", path))
  .filter((path) => path.endsWith(".test.ts"))
  .sort();
const isSlow = (path: string): boolean => path.endsWith(".slow.test.ts");
const fast = tests.filter((path) => path !== ARCHITECTURE && !isSlow(path));
const slow = tests.filter(isSlow);

let totalSeconds = 0;
const totals = { pass: 0, fail: 0, skipped: 0 };
step("format and lint", "biome", ["check", "."]);
step("types", "tsc", ["-p", "tsconfig.json"]);
step("types, no Node", "tsc", ["-p", "tsconfig.anywhere.json"]);
testStep("architecture", [ARCHITECTURE]);
// In one process: most are done in less time than a process takes to start.
testStep("fast tests", fast, ["--test-isolation=none"]);
if (totalSeconds > CHECK_SECONDS) {
  console.log(
    `These took ${totalSeconds.toFixed(1)} s: above ${CHECK_SECONDS} s, name the slowest tests *.slow.test.ts.`,
  );
}
// As many files at a time as there are cores: most wait for the processes that they start.
if (process.argv.includes("--all") && slow.length > 0) {
  testStep("slow tests", slow, [`--test-concurrency=${availableParallelism()}`]);
}
console.log(`${totals.pass} passed, ${totals.fail} failed, ${totals.skipped} skipped`);

function testStep(name: string, files: readonly string[], flags: readonly string[] = []): void {
  const output = step(name, process.execPath, ["--test", "--test-reporter=spec", ...flags, ...files]);
  for (const name of ["pass", "fail", "skipped"] as const) {
    totals[name] += Number(new RegExp(`^ℹ ${name} (\\d+)`, "m").exec(output)?.[1] ?? 0);
  }
  // What was left out, and why, is said even where all else is well.
  for (const line of output.split("\n"))
    if (/^\s*﹣/.test(line)) console.log(`  skipped: ${line.replace(/^\s*﹣ /, "")}`);
}

/** Runs one program and tells how long it took; its output is shown where it fails, and then this script ends. */
function step(name: string, program: string, args: readonly string[]): string {
  process.stdout.write(`${name.padEnd(18)}`);
  const start = performance.now();
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: "utf8",
    env: { ...process.env, PATH: `${resolve("node_modules", ".bin")}${delimiter}${process.env.PATH}` },
    maxBuffer: 1 << 28,
    shell: process.platform === "win32",
  });
  const seconds = (performance.now() - start) / 1000;
  totalSeconds += seconds;
  const count = /^ℹ tests (\d+)/m.exec(stdout ?? "")?.[1];
  console.log(
    `${status === 0 ? "ok" : "FAILED"} ${seconds.toFixed(1).padStart(6)} s${count ? `  ${count} tests` : ""}`,
  );
  if (status === 0) return stdout;
  console.log(`${error ?? ""}${failuresOf(stdout ?? "")}${stderr ?? ""}`);
  process.exit(1);
}

/** Of a test run the part about failures, of any other program everything. */
function failuresOf(output: string): string {
  const start = output.indexOf("✖ failing tests:");
  return start < 0 ? output : output.slice(start);
}
