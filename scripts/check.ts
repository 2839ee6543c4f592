/**
 * What must hold before a commit: format and lint, types, architecture, and the fast tests; with --all the slow tests
 * (test/**\/*.slow.test.ts) too, so that each test runs once. With names of rooms (`npm run check -- metrics`) only the tests of these.
 * Steps that do not need each other run at the same time. The first failure ends it with exit code 1.
 */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { isSlow, testFiles } from "./test_files.ts";

const ARCHITECTURE = join("test", "architecture.test.ts");
const CHECK_SECONDS = 15;

const rooms = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
const tests = testFiles(rooms);
const fast = tests.filter((path) => !isSlow(path));
const slow = tests.filter(isSlow);
const totals = { pass: 0, fail: 0, skipped: 0 };

const start = performance.now();
await Promise.all([
  step("format and lint", "biome", ["check", "."]),
  step("types", "tsc", ["-p", "tsconfig.json"]),
  step("types, no Node", "tsc", ["-p", "tsconfig.anywhere.json"]),
]);
if (fast.length > 0) await fastTests();
const seconds = (performance.now() - start) / 1000;
if (rooms.length === 0 && seconds > CHECK_SECONDS) {
  console.log(`These took ${seconds.toFixed(1)} s: above ${CHECK_SECONDS} s, name the slowest tests *.slow.test.ts.`);
}
if (process.argv.includes("--all") && slow.length > 0) {
  // As many files at a time as there are cores: most wait for the processes that they start.
  await testStep("slow tests", slow, [`--test-concurrency=${availableParallelism()}`]);
}
console.log(`${totals.pass} passed, ${totals.fail} failed, ${totals.skipped} skipped`);

/** In a process per core, not one per file: most files are done in less time than a process takes to start. */
async function fastTests(): Promise<void> {
  const own = fast.filter((path) => path !== ARCHITECTURE);
  const count = Math.max(1, Math.min(availableParallelism(), 4, own.length));
  const parts = Array.from({ length: count }, (_, part) => own.filter((_, index) => index % count === part));
  if (fast.includes(ARCHITECTURE)) await testStep("architecture", [ARCHITECTURE]);
  await Promise.all(
    parts
      .filter((files) => files.length > 0)
      .map((files, part) => testStep(`fast tests ${part + 1}/${count}`, files, ["--test-isolation=none"])),
  );
}

async function testStep(name: string, files: readonly string[], flags: readonly string[] = []): Promise<void> {
  const output = await step(name, process.execPath, ["--test", "--test-reporter=spec", ...flags, ...files]);
  for (const name of ["pass", "fail", "skipped"] as const) {
    totals[name] += Number(new RegExp(`^ℹ ${name} (\\d+)`, "m").exec(output)?.[1] ?? 0);
  }
  // What was left out, and why, is said even if all else is well.
  for (const line of output.split("\n"))
    if (/^\s*﹣/.test(line)) console.log(`  skipped: ${line.replace(/^\s*﹣ /, "")}`);
}

/** Runs one program and prints how long it took; if it fails its output is shown, and this script ends. */
async function step(name: string, program: string, args: readonly string[]): Promise<string> {
  const begun = performance.now();
  const child = spawn(program, args, {
    env: { ...process.env, PATH: `${resolve("node_modules", ".bin")}${delimiter}${process.env.PATH}` },
    shell: process.platform === "win32",
    stdio: ["ignore", "pipe", "pipe"],
  });
  const texts = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (texts.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (texts.err += text));
  const { promise, resolve: ended } = Promise.withResolvers<{ status: number | null; error?: Error }>();
  child.on("error", (error) => ended({ status: null, error }));
  child.on("close", (status) => ended({ status }));
  const { status, error } = await promise;
  const seconds = (performance.now() - begun) / 1000;
  const count = /^ℹ tests (\d+)/m.exec(texts.out)?.[1];
  console.log(
    `${name.padEnd(18)}${status === 0 ? "ok" : "FAILED"} ${seconds.toFixed(1).padStart(6)} s${count ? `  ${count} tests` : ""}`,
  );
  if (status === 0) return texts.out;
  console.log(`${error ?? ""}${failuresOf(texts.out)}${texts.err}`);
  process.exit(1);
}

/** Of a test run the part about failures, of any other program everything. */
function failuresOf(output: string): string {
  const start = output.indexOf("✖ failing tests:");
  return start < 0 ? output : output.slice(start);
}
