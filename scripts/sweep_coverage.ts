/**
 * Measures how often the intervals of a sweep contain the true difference, and writes the table of docs/sweep.md. Keeps
 * each finished row in the working folder.
 *
 *     npm run sweep-coverage -- <working folder> [--times 400]
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { subsetSizes } from "./coverage/sizes.ts";
import { SWEEP_MODELS, SWEPT_METRICS, simulateSweeps } from "./coverage/sweeps.ts";
import { digits, keeperIn, precisionOf, SHORT, writeBetweenMarks } from "./coverage/tables.ts";

const SEED = 42;
const DOCUMENT = join("docs", "sweep.md");
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { times: { type: "string", default: "400" } },
});
const [work] = positionals;
if (work === undefined) throw new Error("Give a folder to work in: npm run sweep-coverage -- work");
const times = Number(values.times);
const kept = keeperIn(work, times);

/** Large sweeps have fewer patches per case, or fewer simulations, so that the whole takes an hour. */
const DESIGNS = [
  { title: "20 equal cases", sizes: new Array<number>(20).fill(30), times },
  { title: "50 equal cases", sizes: new Array<number>(50).fill(30), times },
  { title: "200 equal cases", sizes: new Array<number>(200).fill(10), times },
  { title: "subset's 49 sizes", sizes: subsetSizes(), times: Math.ceil(times / 2) },
];

const TITLES: Record<(typeof SWEPT_METRICS)[number], string> = { ...SHORT, auroc_over_cases: "AUROC by case" };

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
const table = [
  `Simulations per row: ${times} (${Math.ceil(times / 2)} for the subset's sizes), so that a coverage of .95 is known to about ${digits(precisionOf(times))}. Equal cases have 30 patches each, or 10 if there are 200. Seed ${SEED}.`,
  "",
  `| cases, seeds | seeds | ${SWEPT_METRICS.map((name) => TITLES[name]).join(" | ")} |`,
  `|---|--:|${SWEPT_METRICS.map(() => "--:").join("|")}|`,
  ...rows,
];
writeBetweenMarks(DOCUMENT, "sweep-coverage", `\n${table.join("\n")}\n`);
