/**
 * The checks before a commit: format and lint, types, architecture, and the fast tests. With --all it also runs the
 * slow tests (test/**\/*.slow.test.ts), so that each test runs once. With folder names (`npm run check -- metrics`) it
 * runs only the tests in these folders of test/. Independent steps run in parallel. The first failure ends the script
 * with exit code 1.
 */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { delimiter, join, relative, resolve } from "node:path";
import { isSlow, testFiles } from "./test_files.ts";

const CHECK_SECONDS = 15;
/**
 * A cache for the next run: checked types, compiled sources, and the times of the tests. A run without it gives the
 * same result, but is slower.
 */
const CACHE = resolve("node_modules", ".cache", "check");
const TESTS = ["--test", "--test-reporter=spec", "--test-reporter-destination=stdout"];

const rooms = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
const tests = testFiles(rooms);
const fast = tests.filter((path) => !isSlow(path));
const slow = tests.filter(isSlow);
const totals = { pass: 0, fail: 0, skipped: 0 };
const failed = new AbortController();

mkdirSync(CACHE, { recursive: true });
const start = performance.now();
await Promise.all([
  step("format and lint", "biome", ["check", "."]),
  types("types", "tsconfig.json"),
  types("types, no Node", "tsconfig.anywhere.json"),
  types("types, page", "tsconfig.web.json"),
  ...fastTests(),
]);
const seconds = (performance.now() - start) / 1000;
if (rooms.length === 0 && seconds > CHECK_SECONDS) {
  console.log(`These took ${seconds.toFixed(1)} s: above ${CHECK_SECONDS} s, name the slowest tests *.slow.test.ts.`);
}
if (process.argv.includes("--all") && slow.length > 0) {
  // One test file per core at a time: most of the time these tests wait for processes that they start. With one more, pages
  // in the browser were too slow for their tests.
  const times = join(CACHE, "times-slow.xml");
  const keepTimes = ["--test-reporter=junit", `--test-reporter-destination=${times}`];
  await testStep("slow tests", [...TESTS, ...keepTimes, `--test-concurrency=${availableParallelism()}`, ...slow]);
  const slowest = [...secondsByFile([times])].toSorted(([, a], [, b]) => b - a).slice(0, 10);
  console.log(
    `The slowest: ${slowest.map(([path, spent]) => `${relative(".", path)} ${spent.toFixed(0)} s`).join(", ")}`,
  );
}
console.log(`${totals.pass} passed, ${totals.fail} failed, ${totals.skipped} skipped`);

function types(name: string, project: string): Promise<string> {
  return step(name, "tsc", [
    "-p",
    project,
    "--incremental",
    "--tsBuildInfoFile",
    join(CACHE, `${project}.tsbuildinfo`),
  ]);
}

/** One process per core, not one per file: most files take less time than the start of a process. */
function fastTests(): Promise<void>[] {
  const count = Math.min(availableParallelism(), 4, fast.length);
  const times = (part: number) => join(CACHE, `times-${part + 1}-of-${count}.xml`);
  const parts = evenParts(
    fast,
    Array.from({ length: count }, (_, part) => times(part)),
  );
  return parts.map((files, part) => {
    const keepTimes = rooms.length > 0 ? [] : ["--test-reporter=junit", `--test-reporter-destination=${times(part)}`];
    return testStep(`fast tests ${part + 1}/${count}`, [...TESTS, ...keepTimes, "--test-isolation=none", ...files]);
  });
}

/**
 * Divides the files into parts of similar total time. Takes the longest file first, and adds it to the part with the
 * least time so far.
 * @param reports the junit reports of the last run, one per part; a file that is in none of them counts as short
 */
function evenParts(files: readonly string[], reports: readonly string[]): string[][] {
  const known = secondsByFile(reports);
  const secondsOf = (path: string) => known.get(resolve(path)) ?? 0.05;
  const longestFirst = files.toSorted((a, b) => secondsOf(b) - secondsOf(a));
  const parts = reports.map(() => ({ seconds: 0, files: [] as string[] }));
  for (const path of longestFirst) {
    const part = parts.reduce((least, one) => (one.seconds < least.seconds ? one : least));
    part.files.push(path);
    part.seconds += secondsOf(path);
  }
  return parts.map((part) => part.files);
}

/** The seconds of the tests of each file, from junit reports. */
function secondsByFile(reports: readonly string[]): Map<string, number> {
  const seconds = new Map<string, number>();
  const rows = reports
    .map(textOf)
    .join("")
    .matchAll(/<testcase .*? time="(.+?)" .*? file="(.+?)"/g);
  for (const [, spent, path] of rows) seconds.set(path!, (seconds.get(path!) ?? 0) + Number(spent));
  return seconds;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

async function testStep(name: string, args: readonly string[]): Promise<void> {
  const output = await step(name, process.execPath, args);
  for (const name of ["pass", "fail", "skipped"] as const) {
    totals[name] += Number(new RegExp(`^ℹ ${name} (\\d+)`, "m").exec(output)?.[1] ?? 0);
  }
  // Print the skipped tests and the reasons, even if everything passed.
  for (const line of output.split("\n"))
    if (/^\s*﹣/.test(line)) console.log(`  skipped: ${line.replace(/^\s*﹣ /, "")}`);
}

/** Runs one program and prints its time. If it fails, prints its output and ends this script. */
async function step(name: string, program: string, args: readonly string[]): Promise<string> {
  const begun = performance.now();
  const child = spawn(program, args, {
    env: {
      ...process.env,
      PATH: `${resolve("node_modules", ".bin")}${delimiter}${process.env.PATH}`,
      NODE_COMPILE_CACHE: join(CACHE, "compiled"),
      // Large pages for the memory of ONNX Runtime: a short training takes an eighth less processor time.
      GLIBC_TUNABLES: "glibc.malloc.hugetlb=1",
    },
    signal: failed.signal,
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
  failed.abort();
  process.exit(1);
}

/** Returns only the failures of a test run, or the full output of any other program. */
function failuresOf(output: string): string {
  const start = output.indexOf("✖ failing tests:");
  return start < 0 ? output : output.slice(start);
}
