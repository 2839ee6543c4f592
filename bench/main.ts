/**
 * The benchmark: compares our speed with the peers', in alternating turns on the same cores, in patches per second and
 * as a ratio.
 * npm run bench [-- --quick --only epoch --rounds 7 --threads 2 --json FILE --markdown FILE | --profile]
 * At the end it prints which ratios fell since bench/RESULTS.md.
 */
import { readFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, release, type } from "node:os";
import { parseArgs } from "node:util";
import { RUNTIME_VERSION } from "../src/engine/runtime/node/session.ts";
import { writeFileAtomically } from "../src/system/files.ts";
import { NODE_VERSION, SOFTWARE } from "../src/system/version.ts";
import { messageOf, UserError } from "../src/util/errors.ts";
import { PEER_NOTES, type Session, sessions } from "./benchmarks.ts";
import { type Material, makeFolder, makeMaterial, removeFolder } from "./fixtures.ts";
import { type Entrant, measureInTurns } from "./interleave.ts";
import { NoiseGauge } from "./noise.ts";
import { endPeers } from "./peer.ts";
import { printProfile } from "./profile.ts";
import { bestRatios, fallsSince, ratiosIn, regressionLines } from "./regression.ts";
import { type Conditions, conditionLines, type Row, rowsOf, toJson, toMarkdown, toText } from "./summary.ts";

const OPTIONS = {
  options: {
    only: { type: "string" },
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    threads: { type: "string", default: String(availableParallelism()) },
    json: { type: "string" },
    markdown: { type: "string" },
    profile: { type: "boolean", default: false },
  },
} as const;

/** The table of the last full run. */
const LAST = new URL("RESULTS.md", import.meta.url);

const folder = await makeFolder();
for (const [name, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  process.once(name, () => {
    endPeers();
    removeFolder(folder);
    process.exit(code);
  });
}
try {
  await bench(readOptions());
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
} finally {
  endPeers();
  removeFolder(folder);
}

type Options = ReturnType<typeof parseArgs<typeof OPTIONS>>["values"];

function readOptions(): Options {
  try {
    return parseArgs(OPTIONS).values;
  } catch (error) {
    throw new UserError("option-invalid", messageOf(error));
  }
}

async function bench(values: Options): Promise<void> {
  const threads = wholeNumber("--threads", values.threads);
  if (values.profile) {
    for (const batch of [32, 128]) await printProfile({ batch, threads });
    return;
  }
  let made: Promise<Material> | undefined;
  const material = () => {
    made ??= makeMaterial(folder, process.env.IDC_DATA || undefined);
    return made;
  };
  const chosen = select(sessions({ threads, rounds: roundsOf(values), quick: values.quick, material }), values.only);
  const load = loadavg()[0]!;
  const gauge = new NoiseGauge();
  const versions: Record<string, string> = { onnxruntime: RUNTIME_VERSION };
  const rows: Row[] = [];
  const remarks: string[] = [];
  for (const session of chosen) {
    const measured = await measure(session, { versions, gauge, remarks });
    for (const line of toText(measured)) console.error(line);
    rows.push(...measured);
  }
  const conditions: Conditions = {
    command: commandOf(values),
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus()[0]?.model.trim()} (${cpus().length} cores), ${type()} ${release()}`,
    threads,
    patches: made ? (await made).description : "no patches in this run",
    versions: { ...nameAndVersion(SOFTWARE), Node: NODE_VERSION, ...versions },
    load: { start: load, end: loadavg()[0]! },
    noise: gauge.noise(),
  };
  const byNote = Map.groupBy(
    chosen.flatMap(({ works }) => works),
    ({ note }) => note,
  );
  const notes = byNote.entries().map(([note, works]) => `**${works.map(({ title }) => title).join("; ")}**: ${note}`);
  const fallen = regressionLines(
    fallsSince(ratiosIn(await readFile(LAST, "utf8")), bestRatios(rows)),
    "bench/RESULTS.md",
  );
  const below = [...remarks.map((remark) => remark.replaceAll("**", "")), ...fallen];
  for (const line of [...conditionLines(conditions), "", ...toText(rows), "", ...below]) console.log(line);
  if (values.json) await writeFileAtomically(values.json, toJson(conditions, rows));
  if (values.markdown)
    await writeFileAtomically(values.markdown, toMarkdown(conditions, rows, [...notes, ...remarks, ...PEER_NOTES]));
}

/** Measures a session and returns the rows of its benchmarks. Adds to `versions` and `remarks`. */
async function measure(
  { works, rhythm }: Session,
  { versions, gauge, remarks }: { versions: Record<string, string>; gauge: NoiseGauge; remarks: string[] },
): Promise<Row[]> {
  console.error(
    `\n${works.map(({ title }) => title).join("; ")} (${Math.round(performance.now() / 1000)} s after the start) ...`,
  );
  const entrants = new Map<string, Entrant>(
    works.flatMap((work) => work.entrants.map((one) => [one.key, one] as const)),
  );
  const measurements = await measureInTurns([...entrants.values()], rhythm, () => gauge.probe());
  for (const measurement of measurements.values()) {
    Object.assign(versions, measurement.versions);
    if (measurement.remark !== undefined) remarks.push(measurement.remark);
  }
  return works.flatMap(({ title, entrants }) =>
    rowsOf(
      title,
      entrants.map(({ key, own }) => ({ ...measurements.get(key)!, own })),
    ),
  );
}

/** The sessions, reduced to the benchmarks whose title contains the text of --only. */
function select(all: readonly Session[], only = ""): Session[] {
  const some = all
    .map((session) => ({ ...session, works: session.works.filter(({ title }) => title.includes(only)) }))
    .filter(({ works }) => works.length > 0);
  if (some.length > 0) return some;
  const titles = all.flatMap(({ works }) => works.map(({ title }) => `"${title}"`));
  throw new UserError("option-invalid", `No work's name holds "${only}": give a part of ${titles.join(", ")}.`);
}

function wholeNumber(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new UserError("option-invalid", `${flag} is ${text}: give a whole number of at least 1.`);
}

function roundsOf({ rounds, quick }: Options): number {
  if (rounds !== undefined) return wholeNumber("--rounds", rounds);
  return quick ? 3 : 5;
}

/** The command line to repeat this run, without the output files. */
function commandOf(values: Options): string {
  const { only, quick, threads } = values;
  const chosen = `${quick ? "--quick " : ""}${only === undefined ? "" : `--only "${only}" `}`;
  return `npm run bench -- ${chosen}--rounds ${roundsOf(values)} --threads ${threads}`;
}

function nameAndVersion(software: string): Record<string, string> {
  const [name, version] = software.split(" ") as [string, string];
  return { [name]: version };
}
