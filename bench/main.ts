/**
 * The benchmark: compares our speed with the peers', in alternating turns on the same cores, in patches per second and
 * as a ratio.
 * npm run bench [-- --only epoch --rounds 7 --threads 2 --json FILE --markdown FILE | --profile]
 */
import { availableParallelism, cpus, loadavg, release, type } from "node:os";
import { parseArgs } from "node:util";
import { RUNTIME_VERSION } from "../src/engine/runtime/node/session.ts";
import { writeFileAtomically } from "../src/system/files.ts";
import { NODE_VERSION, SOFTWARE } from "../src/system/version.ts";
import { messageOf, UserError } from "../src/util/errors.ts";
import { PEER_NOTES, type Session, sessions } from "./benchmarks.ts";
import { type Material, makeFolder, makeMaterial, removeFolder } from "./fixtures.ts";
import { type Entrant, measureInTurns } from "./interleave.ts";
import { endPeers } from "./peer.ts";
import { printProfile } from "./profile.ts";
import { type Conditions, conditionLines, type Row, rowsOf, toJson, toMarkdown, toText } from "./summary.ts";

const OPTIONS = {
  options: {
    only: { type: "string" },
    rounds: { type: "string", default: "7" },
    threads: { type: "string", default: String(availableParallelism()) },
    json: { type: "string" },
    markdown: { type: "string" },
    profile: { type: "boolean", default: false },
  },
} as const;

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
  const chosen = select(sessions({ threads, rounds: wholeNumber("--rounds", values.rounds), material }), values.only);
  const load = loadavg()[0]!;
  const versions: Record<string, string> = { onnxruntime: RUNTIME_VERSION };
  const rows: Row[] = [];
  for (const session of chosen) {
    const measured = await measure(session, versions);
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
  };
  const byNote = Map.groupBy(
    chosen.flatMap(({ works }) => works),
    ({ note }) => note,
  );
  const notes = byNote.entries().map(([note, works]) => `**${works.map(({ title }) => title).join("; ")}**: ${note}`);
  for (const line of [...conditionLines(conditions), "", ...toText(rows)]) console.log(line);
  if (values.json) await writeFileAtomically(values.json, toJson(conditions, rows));
  if (values.markdown)
    await writeFileAtomically(values.markdown, toMarkdown(conditions, rows, [...notes, ...PEER_NOTES]));
}

/** Measures a session and returns the rows of its benchmarks. Adds to `versions`. */
async function measure({ works, rhythm }: Session, versions: Record<string, string>): Promise<Row[]> {
  console.error(
    `\n${works.map(({ title }) => title).join("; ")} (${Math.round(performance.now() / 1000)} s after the start) ...`,
  );
  const entrants = new Map<string, Entrant>(
    works.flatMap((work) => work.entrants.map((one) => [one.key, one] as const)),
  );
  const measurements = await measureInTurns([...entrants.values()], rhythm);
  for (const measurement of measurements.values()) Object.assign(versions, measurement.versions);
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

/** The command line to repeat this run, without the output files. */
function commandOf({ only, rounds, threads }: Options): string {
  return `npm run bench -- ${only === undefined ? "" : `--only "${only}" `}--rounds ${rounds} --threads ${threads}`;
}

function nameAndVersion(software: string): Record<string, string> {
  const [name, version] = software.split(" ") as [string, string];
  return { [name]: version };
}
