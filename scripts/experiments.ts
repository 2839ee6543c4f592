/**
 * The experiments behind the recipes. Trains each variant on a prepared dataset, evaluates it on the validation split,
 * and writes the tables of docs/experiments.md after each row. Keeps finished trainings and resumes interrupted ones.
 *
 *     npm run experiments -- <dataset> <folder for the runs> [--only NAME]...
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { metricsWithIntervals } from "../src/metrics/intervals.ts";
import { pairedDifferences } from "../src/metrics/paired.ts";
import { evaluateOptions } from "../src/options/evaluate.ts";
import { fromCsv } from "../src/util/csv.ts";
import { silent } from "../src/util/reporter.ts";
import { evaluate } from "../src/workflows/evaluate.ts";
import { train, trainOptions } from "../src/workflows/train.ts";

/** The differences from --recipe default at 10 epochs. The first variant of a group is the baseline of the others. */
const EXPERIMENTS = {
  CancerNet: {
    "c-base": "--augment geometry+stain --views 1",
    "c-running": "--augment geometry+stain --views 1 --statistics running",
    "c-turns": "--augment turns+stain --views 1",
    "c-views": "--augment turns+stain --views 8",
  },
  "CancerNet: what it is shown": {
    "c-turns": "--augment turns+stain --views 1",
    "c-plain": "--augment none --views 1",
    "c-geometry": "--augment geometry --views 1",
    "c-weights": "--augment turns+stain --views 1 --class-weights balanced",
  },
  "CancerNet: how it steps": {
    "c-turns": "--augment turns+stain --views 1",
    "c-rate-low": "--augment turns+stain --views 1 --learning-rate 0.001",
    "c-rate-high": "--augment turns+stain --views 1 --learning-rate 0.004",
    "c-cosine": "--augment turns+stain --views 1 --schedule cosine",
    "c-constant": "--augment turns+stain --views 1 --schedule constant",
    "c-batch64": "--augment turns+stain --views 1 --batch-size 64",
    "c-batch128": "--augment turns+stain --views 1 --batch-size 128",
    "c-sgd": "--augment turns+stain --views 1 --optimizer sgd --learning-rate 0.05",
    "c-adagrad": "--augment turns+stain --views 1 --optimizer adagrad --learning-rate 0.01",
  },
  "CancerNet: how it steps, at seed 43": {
    "c-turns-43": "--augment turns+stain --views 1 --seed 43",
    "c-rate-high-43": "--augment turns+stain --views 1 --seed 43 --learning-rate 0.004",
    "c-cosine-43": "--augment turns+stain --views 1 --seed 43 --schedule cosine",
  },
  "CancerNet: how it steps, at seed 44": {
    "c-turns-44": "--augment turns+stain --views 1 --seed 44",
    "c-rate-high-44": "--augment turns+stain --views 1 --seed 44 --learning-rate 0.004",
    "c-cosine-44": "--augment turns+stain --views 1 --seed 44 --schedule cosine",
  },
  "The compact model": {
    "k-base": "--model compact --augment geometry+stain --views 1",
    "k-turns": "--model compact --augment turns+stain --views 1",
  },
} as const;

const EPOCHS = 10;
const START = "<!-- the table below is written by npm run experiments -->";
const DOCUMENT = "docs/experiments.md";
/** Marks rows of settings that no longer exist. */
const REMOVED = /--sampling|--averaging|--label-smoothing|strong-stain/;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { only: { type: "string", multiple: true } },
});
const [dataset, folder] = positionals;
if (dataset === undefined || folder === undefined) {
  throw new Error("Give a prepared dataset and a folder for the runs: npm run experiments -- dataset runs");
}
const context = { reporter: silent, signal: new AbortController().signal };
for (const [title, group] of Object.entries(EXPERIMENTS)) {
  for (const [name, flags] of Object.entries(group)) {
    if (values.only && !values.only.includes(name)) continue;
    const run = join(folder, name);
    if (!isMeasured(run)) await measure(run, flags);
    writeTable(title, Object.entries(group));
  }
}

function isMeasured(run: string): boolean {
  return existsSync(join(run, "evaluation-val", "predictions.csv"));
}

/**
 * Replaces the table of a group by its measured rows. The first row is the baseline. Keeps the other tables, and the
 * rows of settings that no longer exist.
 */
function writeTable(title: string, group: readonly (readonly [name: string, flags: string])[]): void {
  const measured = group.filter(([name]) => isMeasured(join(folder!, name)));
  const answers = measured.map(([name]) => readAnswers(join(folder!, name)));
  const rows = measured.map(([, flags], place) => `| \`${flags}\` | ${cells(answers[place]!, answers[0]!)} |`);
  const [before, after] = readFileSync(DOCUMENT, "utf8").split(START) as [string, string];
  const tables = new Map(
    after
      .split(/^## /m)
      .slice(1)
      .map((text) => [text.slice(0, text.indexOf("\n")), text.slice(text.indexOf("\n") + 1).trim()]),
  );
  const earlier = (tables.get(title) ?? "").split("\n").filter((row) => REMOVED.test(row));
  const table = [
    "| flags | val AUROC | difference | val balanced accuracy | best epoch |",
    "|---|---|---|---|--:|",
    ...rows,
    ...earlier,
  ];
  tables.set(title, table.join("\n"));
  const known = Object.keys(EXPERIMENTS).filter((name) => tables.has(name));
  const texts = known.map((name) => `## ${name}\n${tables.get(name)}\n`);
  writeFileSync(DOCUMENT, `${before}${START}\n${texts.join("\n")}`);
}

interface Answers {
  readonly labels: number[];
  readonly cases: string[];
  readonly probabilities: number[];
  readonly threshold: number;
  readonly epoch: number;
}

async function measure(run: string, flags: string): Promise<void> {
  process.stdout.write(`${run}: ${flags}\n`);
  const words = flags.split(" ");
  const given: Record<string, string | number> = {};
  for (let place = 0; place < words.length; place += 2) {
    const name = words[place]!.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const value = words[place + 1]!;
    given[name] = Number.isNaN(Number(value)) ? value : Number(value);
  }
  const options = existsSync(join(run, "run.json")) ? { resume: run } : { dataset, out: run, epochs: EPOCHS, ...given };
  await train(trainOptions.parse(options), context);
  await evaluate(evaluateOptions.parse({ model: run, split: "val" }), context);
}

function readAnswers(run: string): Answers {
  const path = join(run, "evaluation-val", "predictions.csv");
  const rows = fromCsv(readFileSync(path, "utf8"), ["case", "label", "probability"], path);
  const report = JSON.parse(readFileSync(join(run, "evaluation-val", "report.json"), "utf8"));
  return {
    labels: rows.map(({ label }) => Number(label)),
    cases: rows.map((row) => row.case),
    probabilities: rows.map(({ probability }) => Number(probability)),
    threshold: report.threshold,
    epoch: report.model.epoch,
  };
}

function cells(answers: Answers, first: Answers): string {
  const { auroc, balanced_accuracy: balanced } = metricsWithIntervals(answers, answers.threshold);
  const gain = pairedDifferences(answers, [first, answers]).auroc;
  const text = ({ value, low, high }: { value: number | null; low: number | null; high: number | null }) =>
    `${value!.toFixed(4)} (${low!.toFixed(3)} to ${high!.toFixed(3)})`;
  return [text(auroc), answers === first ? "" : text(gain), text(balanced), answers.epoch].join(" | ");
}
