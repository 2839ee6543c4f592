/**
 * Measures how often 95 % intervals contain the true value. Simulates cases with the sizes of real test splits, and
 * writes the tables of docs/intervals.md. Keeps each finished simulation in the working folder. An interrupted
 * simulation starts over.
 *
 *     npm run coverage -- <working folder> [--data DIR] [--first DIR] [--second DIR] [--times 300]
 *
 * --data is a folder with splits/patient_counts_279.csv and splits/cases_test.txt, for the case sizes of the whole
 * release. --first and --second are evaluations of two models on one test split, from which real cases are drawn.
 * Without these options their rows are left out.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { effectiveNumber } from "../src/metrics/clusters.ts";
import { METRIC_NAMES } from "../src/metrics/table.ts";
import { RandomStream } from "../src/system/random.ts";
import { fromCsv } from "../src/util/csv.ts";
import { MODELS, type Population, type RealPatch, randomEffects, realCases } from "./coverage/populations.ts";
import { RIVAL_METRICS, RIVALS, type RivalMetric, rivalIntervals } from "./coverage/rivals.ts";
import { type Coverage, type Coverages, KINDS, type Kind, simulate } from "./coverage/simulate.ts";
import { subsetSizes } from "./coverage/sizes.ts";
import { digits, keeperIn, precisionOf, SHORT, writeBetweenMarks } from "./coverage/tables.ts";

const SEED = 42;
const DOCUMENT = join("docs", "intervals.md");

const { positionals, values: flags } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: "string" },
    first: { type: "string" },
    second: { type: "string" },
    times: { type: "string", default: "300" },
  },
});
const [work] = positionals;
if (work === undefined) throw new Error("Give a folder to work in: npm run coverage -- work");
const times = Number(flags.times);
const kept = keeperIn(work, times);

interface Planned {
  readonly key: string;
  readonly title: string;
  readonly population: Population;
  readonly sizes: readonly number[];
  readonly times: number;
  readonly kinds: readonly Kind[];
}

const SUBSET = subsetSizes();
const planned = plan();
const results = planned.map((design) => [design, kept(design.key, () => simulate({ ...design, seed: SEED }))] as const);
const rivals = (["real", "shared", "wilder"] as const).map(
  (name) => [MODELS[name].title, kept(`rivals-${name}`, () => rivalCoverage(randomEffects(MODELS[name])))] as const,
);
writeBetweenMarks(DOCUMENT, "coverage", tables().join("\n"));

function plan(): Planned[] {
  const all = ["real", "shared", "apart", "better", "wilder"] as const;
  const subset = all.map((name) => ({
    key: `subset-${name}`,
    title: `subset's 49 sizes, ${MODELS[name].title}`,
    population: randomEffects(MODELS[name]),
    sizes: SUBSET,
    times,
    kinds: name === "real" || name === "shared" ? KINDS : (["one model", "difference of two"] as const),
  }));
  const equal = [49, 12, 8].flatMap((count) =>
    (["real", "shared"] as const).map((name) => ({
      key: `equal-${count}-${name}`,
      title: `${count} equal cases, ${MODELS[name].title}`,
      population: randomEffects(MODELS[name]),
      sizes: new Array<number>(count).fill(107),
      times,
      kinds: ["one model", "difference of two", "mean over cases"] as const,
    })),
  );
  return [...subset, ...realDesigns(), ...equal, ...releaseDesigns()];
}

/** Real cases of 20 patches or more, with the probabilities of two models. */
function realDesigns(): Planned[] {
  if (flags.first === undefined || flags.second === undefined) return [];
  const read = (folder: string) => {
    const path = join(folder, "predictions.csv");
    return fromCsv(readFileSync(path, "utf8"), ["id", "case", "label", "probability"], path);
  };
  const second = new Map(read(flags.second).map((row) => [row.id, Number(row.probability)]));
  const byCase = Map.groupBy(read(flags.first), (row) => row.case);
  const cases = [...byCase.values()]
    .filter((rows) => rows.length >= 20)
    .map((rows) => rows.map((row): RealPatch => [Number(row.label), Number(row.probability), second.get(row.id)!]));
  const { threshold } = JSON.parse(readFileSync(join(flags.first, "report.json"), "utf8"));
  return [
    {
      key: "subset-drawn",
      title: `subset's 49 sizes, drawn from ${cases.length} real cases`,
      population: realCases("real cases", cases, threshold),
      sizes: SUBSET,
      times,
      kinds: ["one model", "difference of two"],
    },
  ];
}

/** The sizes of the test split's cases in the whole release, which has ten times as many patches. */
function releaseDesigns(): Planned[] {
  if (flags.data === undefined) return [];
  const path = join(flags.data, "splits", "patient_counts_279.csv");
  const test = new Set(readFileSync(join(flags.data, "splits", "cases_test.txt"), "utf8").split(/\s+/));
  const sizes = fromCsv(readFileSync(path, "utf8"), ["patient_id", "total"], path)
    .filter((row) => test.has(row.patient_id))
    .map((row) => Number(row.total));
  return (["real", "shared"] as const).map((name) => ({
    key: `release-${name}`,
    title: `release's 49 sizes, ${MODELS[name].title}`,
    population: randomEffects(MODELS[name]),
    sizes,
    times: Math.ceil(times / 2),
    kinds: ["one model"],
  }));
}

type RivalTable = Record<string, Record<RivalMetric, Pick<Coverage, "held" | "width">>>;

function rivalCoverage(population: Population): RivalTable {
  const truth = simulate({ population, sizes: SUBSET, times: 1, seed: SEED, kinds: ["one model"] });
  const truths = truth["one model"];
  const held = new Map<string, { hits: number; width: number; count: number }>();
  for (let time = 0; time < times; time++) {
    const drawn = population.draw(SUBSET, new RandomStream(SEED, "coverage", time));
    const found = rivalIntervals(drawn, population.threshold, new RandomStream(SEED, "rivals", time));
    for (const rival of RIVALS) {
      for (const name of RIVAL_METRICS) {
        const [low, high] = found[rival][name];
        if (Number.isNaN(low + high)) continue;
        const key = `${rival} ${name}`;
        const row = held.get(key) ?? { hits: 0, width: 0, count: 0 };
        row.hits += Number(low <= truths[name].truth && truths[name].truth <= high);
        row.width += high - low;
        row.count++;
        held.set(key, row);
      }
    }
  }
  const rows = RIVALS.map((rival) => [
    rival,
    Object.fromEntries(
      RIVAL_METRICS.map((name) => {
        const { hits, width, count } = held.get(`${rival} ${name}`)!;
        return [name, { held: hits / count, width: width / count }];
      }),
    ),
  ]);
  return Object.fromEntries(rows) as RivalTable;
}

function tables(): string[] {
  return [
    "",
    `Simulations per row: ${times} (${Math.ceil(times / 2)} for the release), so that a coverage of .95 is known to about ${precisionOf(times).toFixed(3)}. Seed ${SEED}. Effective number of cases: ${effectiveNumber(SUBSET).toFixed(1)} for the subset's sizes.`,
    "",
    ...KINDS.flatMap((kind) => [`### Coverage: ${kind}`, "", ...kindTable(kind, "held"), ""]),
    "### Mean width: one model",
    "",
    ...kindTable("one model", "width"),
    "",
    "### Share of simulations in which the truth lies below the interval: one model",
    "",
    ...kindTable("one model", "below"),
    "",
    ...rivals.flatMap(([title, table]) => [
      `### Ways compared at the subset's sizes: ${title}`,
      "",
      ...rivalTable(title, table),
      "",
    ]),
  ];
}

function kindTable(kind: Kind, what: "held" | "width" | "below"): string[] {
  const rows = results.filter(([design]) => design.kinds.includes(kind));
  return [
    `| cases | ${METRIC_NAMES.map((name) => SHORT[name]).join(" | ")} |`,
    `|---|${METRIC_NAMES.map(() => "--:").join("|")}|`,
    ...rows.map(
      ([{ title }, found]: readonly [Planned, Coverages]) =>
        `| ${title} | ${METRIC_NAMES.map((name) => digits(found[kind][name][what])).join(" | ")} |`,
    ),
  ];
}

function rivalTable(title: string, table: RivalTable): string[] {
  const chosen = results.find(([{ sizes, population }]) => sizes === SUBSET && population.title === title)![1];
  const cells = (row: Record<RivalMetric, Pick<Coverage, "held" | "width">>) =>
    RIVAL_METRICS.map((name) => `${digits(row[name].held)} (${digits(row[name].width)})`).join(" | ");
  return [
    `| way: coverage (mean width) | ${RIVAL_METRICS.map((name) => SHORT[name]).join(" | ")} |`,
    `|---|${RIVAL_METRICS.map(() => "--:").join("|")}|`,
    ...RIVALS.map((rival) => `| ${rival} | ${cells(table[rival]!)} |`),
    `| **pooled variance components (used)** | ${cells(chosen["one model"])} |`,
  ];
}
