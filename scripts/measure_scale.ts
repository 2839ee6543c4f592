/**
 * Measures how the time and the memory of the commands grow with the number of patches, and writes the table of
 * docs/scale.md. Every command runs as a process of its own, on synthetic data. What was made and measured stays in the
 * working folder, so the same command goes on where an earlier one stopped. Linux only.
 *
 *     npm run scale -- [--folder DIR] [--sizes 1e3,1e4,1e5,1e6] [--slide-sizes 1e3,1e4,1e5,1e6,1e7] [--verbs a,b]
 *                      [--minutes M] [--threads N] [--markdown docs/scale.md]
 *
 * --folder is the working folder; a million patches need about 25 GB there. --minutes limits the whole run: a command
 * that would take longer than what is left, by its time at the size before, is not run, and the table says so.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir, totalmem, type } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { NODE_VERSION, SOFTWARE } from "../src/system/version.ts";
import { writeBetweenMarks } from "./coverage/tables.ts";
import { type Cost, costOf } from "./scale/measure.ts";
import { type Outcome, type ScaleRow, scaleTable, timeText } from "./scale/table.ts";
import { placesIn, VERBS, type Verb } from "./scale/verbs.ts";

/** A command that takes less than this is run three times. The median time and the largest memory count. */
const SHORT_SECONDS = 5;
const TIMES = 3;

const { values: flags } = parseArgs({
  options: {
    folder: { type: "string", default: join(tmpdir(), "cancernet-scale") },
    sizes: { type: "string", default: "1e3,1e4,1e5,1e6" },
    "slide-sizes": { type: "string", default: "1e3,1e4,1e5,1e6,1e7" },
    verbs: { type: "string", default: VERBS.map(({ name }) => name).join() },
    minutes: { type: "string", default: "Infinity" },
    threads: { type: "string" },
    markdown: { type: "string" },
  },
});
const work = resolve(flags.folder);
const kept = join(work, "results.json");
const end = performance.now() + numberOf("--minutes", flags.minutes) * 60_000;
const secondsLeft = () => (end - performance.now()) / 1000;
const verbs = chosenVerbs(flags.verbs.split(","));
const sizes = numbersOf("--sizes", flags.sizes);
const slideSizes = numbersOf("--slide-sizes", flags["slide-sizes"]);

mkdirSync(work, { recursive: true });
const costs = new Map<string, Cost>(existsSync(kept) ? Object.entries(JSON.parse(readFileSync(kept, "utf8"))) : []);
const missing = new Map<string, string>();
for (const size of [...new Set([...sizes, ...slideSizes])].sort((a, b) => a - b)) {
  for (const verb of verbs) if (sizesOf(verb).includes(size)) await measure(verb, size);
}
const rows = verbs.map((verb): ScaleRow => {
  const outcomes = sizesOf(verb).map((size) => [size, outcomeOf(keyOf(verb.name, size))] as const);
  return { name: verb.name, outcomes: new Map(outcomes) };
});
const text = [
  ...conditions(),
  "",
  ...scaleTable(rows),
  "",
  ...verbs.map(({ name, what }) => `- **${name}**: ${what}.`),
];
for (const line of text) console.log(line);
if (flags.markdown) writeBetweenMarks(flags.markdown, "scale", text.join("\n"));

function keyOf(name: string, size: number): string {
  return flags.threads === undefined ? `${name} ${size}` : `${name} ${size}, ${flags.threads} threads`;
}

function sizesOf({ name }: Verb): readonly number[] {
  return name === "slide" ? slideSizes : sizes;
}

function outcomeOf(key: string): Outcome {
  return costs.get(key) ?? { missing: missing.get(key) ?? "not run" };
}

/** Measures a command at one size, unless it was measured before. */
async function measure(verb: Verb, size: number): Promise<void> {
  const key = keyOf(verb.name, size);
  const places = placesIn(work, size);
  const out = verb.out === undefined ? undefined : places.at(verb.out);
  if (costs.has(key)) return;
  const lacking = verb.after?.find((name) => !costs.has(keyOf(name, size)));
  const expected = expectedSeconds(verb, size);
  if (lacking !== undefined) return void missing.set(key, `not run (needs ${lacking})`);
  if (expected > secondsLeft()) return void missing.set(key, `not run (about ${timeText(expected)})`);
  console.error(`${key} ...`);
  await verb.make?.(places);
  const threads = verb.hasThreads && flags.threads !== undefined ? ["--threads", flags.threads] : [];
  const args = [...verb.args(places), ...threads];
  const found: Cost[] = [];
  do {
    if (out !== undefined) rmSync(out, { recursive: true, force: true });
    const cost = await costOf(args, {
      log: join(work, "log.txt"),
      mostSeconds: Math.max(secondsLeft(), 0),
    });
    if (cost === undefined) return void missing.set(key, "not run (no time left)");
    found.push(cost);
  } while (found[0]!.seconds < SHORT_SECONDS && found.length < TIMES);
  if (out !== undefined && verb.isLast) rmSync(out, { recursive: true, force: true });
  const byTime = found.map(({ seconds }) => seconds).sort((a, b) => a - b);
  const cost = {
    seconds: byTime[byTime.length >> 1]!,
    megabytes: Math.max(...found.map(({ megabytes }) => megabytes)),
    processorSeconds: Math.min(...found.map(({ processorSeconds }) => processorSeconds)),
  };
  const { seconds, megabytes, processorSeconds } = cost;
  console.error(
    `${key}: ${timeText(seconds)}, ${timeText(processorSeconds)} of processors, ${megabytes.toFixed(0)} MB`,
  );
  costs.set(key, cost);
  writeFileSync(kept, JSON.stringify(Object.fromEntries(costs), null, 2));
}

/** The time at the size before, in proportion; 0 if there is none. */
function expectedSeconds(verb: Verb, size: number): number {
  const before = sizesOf(verb)
    .filter((one) => one < size && costs.has(keyOf(verb.name, one)))
    .at(-1);
  return before === undefined ? 0 : (costs.get(keyOf(verb.name, before))!.seconds * size) / before;
}

function conditions(): string[] {
  const command = flags.threads === undefined ? "npm run scale" : `npm run scale -- --threads ${flags.threads}`;
  const memory = (totalmem() / 1e9).toFixed(0);
  return [
    `\`${command}\` printed this on ${new Date().toISOString().slice(0, 10)} on ${cpus()[0]?.model.trim()} (${cpus().length} cores, ` +
      `${memory} GB), ${type()} ${release()}, with ${SOFTWARE} and Node ${NODE_VERSION}:`,
  ];
}

function chosenVerbs(names: readonly string[]): readonly Verb[] {
  const unknown = names.find((name) => !VERBS.some((verb) => verb.name === name));
  if (unknown === undefined) return VERBS.filter(({ name }) => names.includes(name));
  throw new Error(`--verbs names "${unknown}": give some of ${VERBS.map(({ name }) => name).join(", ")}.`);
}

function numbersOf(flag: string, list: string): number[] {
  return list
    .split(",")
    .map((one) => numberOf(flag, one))
    .sort((a, b) => a - b);
}

function numberOf(flag: string, text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new Error(`${flag} holds "${text}": give numbers above 0.`);
}
