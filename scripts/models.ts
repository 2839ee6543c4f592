/**
 * Makes the models of the package, and the numbers in their model cards, from the subset's archive and the official
 * split lists: prepare, train, add-context, evaluate on test. The same inputs give the same bytes on the same kind of
 * processor.
 *
 *     npm run models -- <archive.zip> <folder of the split lists> <working folder> [--cards-only]
 *
 * With --cards-only the models of the package stay unchanged: they are evaluated again, and only the numbers in the
 * cards are written.
 */
import { existsSync } from "node:fs";
import { copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { METRIC_NAMES, METRICS } from "../src/metrics/table.ts";
import { addContextOptions } from "../src/options/add_context.ts";
import { BUNDLED_MODELS, type BundledModelName } from "../src/options/bundled_models.ts";
import { evaluateOptions } from "../src/options/evaluate.ts";
import { prepareOptions } from "../src/options/prepare.ts";
import { caseSizesText, INTERVALS_COVER, intervalsMade } from "../src/reports/evaluation/interval_text.ts";
import { type Reporter, silent } from "../src/util/reporter.ts";
import { addContext } from "../src/workflows/add_context.ts";
import { type EvaluationReport, evaluate } from "../src/workflows/evaluate.ts";
import { prepare } from "../src/workflows/prepare.ts";
import { train, trainOptions } from "../src/workflows/train.ts";

const { positionals, values: flags } = parseArgs({
  allowPositionals: true,
  options: { "cards-only": { type: "boolean", default: false } },
});
const [archive, splitLists, work] = positionals;
if (archive === undefined || splitLists === undefined || work === undefined) {
  throw new Error("Give three paths: npm run models -- archive.zip splits work");
}
const reporter: Reporter = { ...silent, warn: (line) => process.stderr.write(`${line}\n`) };
const context = { reporter, signal: new AbortController().signal };
/** Used if the dataset has no case names. */
const UNKNOWN = { value: null, low: null, high: null };
const at = (...names: string[]) => join(work, ...names);

if (!existsSync(at("dataset"))) {
  await prepare(prepareOptions.parse({ source: archive, splitLists, out: at("dataset") }), context);
}
if (!flags["cards-only"]) await makeModels();
for (const name of Object.keys(BUNDLED_MODELS) as BundledModelName[]) {
  const out = at(`${name}-test`);
  await rm(out, { recursive: true, force: true });
  const options = { model: join("models", `${name}.onnx`), dataset: at("dataset"), out };
  await writeFigures(join("models", `${name}.md`), (await evaluate(evaluateOptions.parse(options), context)).report);
}

async function makeModels(): Promise<void> {
  await trained("cancernet", {});
  await trained("compact", { model: "compact", epochs: 10, views: 1 });
  const idc = join("models", "idc.onnx");
  await addContext(addContextOptions.parse({ model: at("compact"), reach: 2, out: idc }), context);
  await copyFile(at("cancernet", "model.onnx"), join("models", "cancernet.onnx"));
}

/** Trains a run by the default recipe with these settings. Resumes an existing run. */
async function trained(name: string, settings: Record<string, unknown>): Promise<void> {
  const run = at(name);
  const options = existsSync(join(run, "run.json"))
    ? { resume: run }
    : { dataset: at("dataset"), out: run, ...settings };
  await train(trainOptions.parse(options), context);
}

/** Replaces the part of a card between two marks with the numbers of the report. */
async function writeFigures(path: string, report: EvaluationReport): Promise<void> {
  const [begin, end] = ["<!-- figures -->", "<!-- end of figures -->"];
  const text = await readFile(path, "utf8");
  const digits = (value: number | null) => (value === null ? "-" : value.toFixed(3));
  const interval = ({ value, low, high }: { value: number | null; low: number | null; high: number | null }) =>
    `${digits(value)} | ${digits(low)} to ${digits(high)}`;
  const lines = [
    `${report.patches.toLocaleString("en-US")} patches of ${caseSizesText(report.cases, report.case_sizes!)} (test part). Threshold ${report.threshold.toFixed(4)} ` +
      `(${report.model.threshold_rule} on the validation split), temperature ${report.model.temperature.toFixed(3)}, epoch ${report.model.epoch}, ` +
      `SHA-256 ${report.model_sha256}.`,
    "",
    `${intervalsMade(report.intervals)} ${INTERVALS_COVER}`,
    "",
    "| metric | value | 95 % interval | mean over cases | 95 % interval |",
    "|---|--:|---|--:|---|",
    ...METRIC_NAMES.map(
      (name) =>
        `| ${METRICS[name].title} | ${interval(report.metrics[name])} | ${interval(report.macro?.[name] ?? UNKNOWN)} |`,
    ),
    "",
    "| case | patches | IDC | AUROC | sensitivity | specificity |",
    "|---|--:|--:|--:|--:|--:|",
    ...report.by_case.map(
      (row) =>
        `| ${row.case} | ${row.patches} | ${digits(row.idc_share)} | ${digits(row.auroc)} | ${digits(row.sensitivity)} | ${digits(row.specificity)} |`,
    ),
  ];
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${path} lacks the marks around its figures.`);
  await writeFile(path, `${before}${begin}\n${lines.join("\n")}\n${end}${after}`);
}
