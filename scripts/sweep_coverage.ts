/**
 * Measures how often the intervals of a sweep contain the true difference, and writes the table of docs/sweep.md. Keeps
 * each finished row in the working folder.
 *
 *     npm run sweep-coverage -- <working folder> [--times 400]
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { subsetSizes } from "./coverage/sizes.ts";
import { SWEEP_MODELS, SWEPT_METRICS, type SweepCoverages, simulateSweeps } from "./coverage/sweeps.ts";

const SEED = 42;
const DOCUMENT = join("docs", "sweep.md");
const [BEGIN, END] = [
  "<!-- written by npm run sweep-coverage -->",
  "<!-- end of what npm run sweep-coverage writes -->",
];

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { times: { type: "string", default: "400" } },
});
const [work] = positionals;
if (work === undefined) throw new Error("Give a folder to work in: npm run sweep-coverage -- work");
mkdirSync(work, { recursive: true });
const times = Number(values.times);

/** Large sweeps have fewer patches per case, or fewer simulations, so that the whole takes an hour. */
const DESIGNS = [
  { title: "20 equal cases", sizes: new Array<number>(20).fill(30), times },
  { title: "50 equal cases", sizes: new Array<number>(50).fill(30), times },
  { title: "200 equal cases", sizes: new Array<number>(200).fill(10), times },
  { title: "subset's 49 sizes", sizes: subsetSizes(), times: Math.ceil(times / 2) },
];

const TITLES: Record<(typeof SWEPT_METRICS)[number], string> = {
  auroc: "AUROC",
  auprc: "AUPRC",
  accuracy: "acc.",
  sensitivity: "sens.",
  specificity: "spec.",
  balanced_accuracy: "bal. acc.",
  ppv: "PPV",
  npv: "NPV",
  f1: "F1",
  mcc: "MCC",
  brier: "Brier",
  log_loss: "log loss",
  calibration_error: "cal. error",
  auroc_over_cases: "AUROC by case",
};

const digits = (value: number) => value.toFixed(3).replace(/^0/, "");

const rows = DESIGNS.flatMap(({ title, sizes, times: own }) =>
  [3, 5].flatMap((seeds) =>
    SWEEP_MODELS.map((model) => {
      const found = kept(`${title}, ${seeds} seeds, ${model.title}`, () =>
        simulateSweeps({ model, sizes, seeds, times: own, seed: SEED }),
      );
      const cells = SWEPT_METRICS.map((name) => digits(found[name].held));
      return `| ${title}, ${model.title} | ${seeds} | ${cells.join(" | ")} |`;
    }),
  ),
);
const [before, rest] = readFileSync(DOCUMENT, "utf8").split(BEGIN);
const after = rest?.split(END)[1];
if (before === undefined || after === undefined) throw new Error(`${DOCUMENT} lacks the marks around its table.`);
const table = [
  `Simulations per row: ${times} (${Math.ceil(times / 2)} for the subset's sizes), so that a coverage of .95 is known to about ${digits(1.96 * Math.sqrt((0.95 * 0.05) / times))}. Equal cases have 30 patches each, or 10 if there are 200. Seed ${SEED}.`,
  "",
  `| cases, seeds | seeds | ${SWEPT_METRICS.map((name) => TITLES[name]).join(" | ")} |`,
  `|---|--:|${SWEPT_METRICS.map(() => "--:").join("|")}|`,
  ...rows,
];
writeFileSync(DOCUMENT, `${before}${BEGIN}\n\n${table.join("\n")}\n\n${END}${after}`);

/** Returns the stored result for this key. If there is none, computes and stores it. */
function kept(key: string, compute: () => SweepCoverages): SweepCoverages {
  const path = join(work!, `${key.replace(/[^a-z0-9]+/gi, "-")}-${times}.json`);
  if (!existsSync(path)) {
    process.stdout.write(`${key}\n`);
    writeFileSync(path, JSON.stringify(compute()));
  }
  return JSON.parse(readFileSync(path, "utf8")) as SweepCoverages;
}
