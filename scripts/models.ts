/**
 * Makes the models of the package, and the numbers in their model cards: prepare, cross-validate, train on nearly all
 * cases, fit neighbours and calibration to the cross-validation. The same inputs give the same bytes on the same kind of processor.
 *
 *     npm run models -- <folder of the patches of all cases> <folder of lists cases_NAME.txt> <working folder> [--only idc] [--cards-only]
 *
 * The lists only group the figures. With --cards-only the models of the package stay unchanged, and only the numbers in
 * the cards are written. What is finished in the working folder is not done again; what is interrupted goes on.
 */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readModelFile } from "../src/artifacts/open_model.ts";
import { locateModel } from "../src/artifacts/run_folder.ts";
import { addContextOptions } from "../src/options/add_context.ts";
import { BUNDLED_MODELS, type BundledModelName } from "../src/options/bundled_models.ts";
import type { CrossvalidateOptions } from "../src/options/crossvalidate.ts";
import { prepareOptions } from "../src/options/prepare.ts";
import { INTERVALS_COVER, intervalsMade, intervalsOver } from "../src/reports/evaluation/interval_text.ts";
import { sha256OfFile } from "../src/system/files.ts";
import { type Reporter, silent } from "../src/util/reporter.ts";
import { addContext } from "../src/workflows/add_context.ts";
import { crossvalidate } from "../src/workflows/crossvalidate.ts";
import { readUnseen } from "../src/workflows/crossvalidation/unseen.ts";
import { prepare } from "../src/workflows/prepare.ts";
import { train, trainOptions } from "../src/workflows/train.ts";
import { crossFitted, groupsIn, groupTable, metricTable, sampleText, spreadText } from "./model_figures.ts";

const { positionals, values: flags } = parseArgs({
  allowPositionals: true,
  options: { only: { type: "string" }, "cards-only": { type: "boolean", default: false } },
});
const [source, lists, work] = positionals;
if (source === undefined || lists === undefined || work === undefined) {
  throw new Error("Give three paths: npm run models -- patches lists work");
}
const reporter: Reporter = { ...silent, warn: (line) => process.stderr.write(`${line}\n`) };
const context = { reporter, signal: new AbortController().signal };
const at = (...names: string[]) => join(work, ...names);

const SEED = 1;
const FOLDS = 5;

/** How each model is trained. */
const RECIPES: Record<BundledModelName, object> = {
  cancernet: {},
  idc: { model: "slim" },
};
/** The models use 17 x 17 patches. */
const REACH = 8;

/** All cases for the cross-validation; all but a few small ones for the training. */
await prepared("dataset", {});
await prepared("all", { trainShare: 0.999, validationShare: 0.01 });
for (const name of Object.keys(BUNDLED_MODELS) as BundledModelName[]) {
  if (flags.only !== undefined && flags.only !== name) continue;
  const folds = at(`${name}-folds`);
  await crossvalidated(folds, RECIPES[name]);
  if (!flags["cards-only"]) await makeModel(name, folds);
  await writeFigures(name, folds);
}

async function prepared(name: string, shares: object): Promise<void> {
  if (existsSync(at(name))) return;
  await prepare(prepareOptions.parse({ source, out: at(name), ...shares }), context);
}

async function crossvalidated(folder: string, settings: object): Promise<void> {
  const fresh = { dataset: at("dataset"), out: folder, seed: SEED, folds: FOLDS, ...settings };
  const options = existsSync(join(folder, "crossvalidation.json")) ? { resume: folder, dataset: at("dataset") } : fresh;
  await crossvalidate(options as CrossvalidateOptions & { shard?: undefined }, context);
}

/** Trains on all cases but a few, and fits the weights of neighbours and the calibration to the cross-validation. */
async function makeModel(name: BundledModelName, folds: string): Promise<void> {
  const run = at(name);
  const fresh = { dataset: at("all"), out: run, seed: SEED, ...RECIPES[name] };
  await train(trainOptions.parse(existsSync(join(run, "run.json")) ? { resume: run } : fresh), context);
  const out = join("models", `${name}.onnx`);
  const files = { model: run, crossvalidation: folds, out, overwrite: true };
  await addContext(addContextOptions.parse({ ...files, reach: REACH }), context);
}

/** Replaces the part of a card between two marks with the figures of the cross-validation. */
async function writeFigures(name: BundledModelName, folds: string): Promise<void> {
  const path = join("models", `${name}.md`);
  const unseen = await readUnseen(folds, context.signal);
  const location = await locateModel(name);
  const { card } = await readModelFile(location);
  const alone = crossFitted(unseen, { reach: REACH, alone: true });
  const groups = groupsIn(lists!);
  const lines = [
    `${sampleText(alone)}. Each was classified by a model that was trained on three fifths of the cases, without this one; temperature and ` +
      `threshold were fitted to the other folds. ${intervalsMade(intervalsOver(1))} ${INTERVALS_COVER}`,
    "",
    "**Each patch alone**, as `predict` classifies an image",
    "",
    ...metricTable(alone),
    "",
    spreadText(alone),
    "",
    "By the lists of cases, each patch alone:",
    "",
    ...groupTable(alone, groups),
    ...contextLines(crossFitted(unseen, { reach: REACH, alone: false }), groups),
    "",
    `The model file: threshold ${card.threshold.toFixed(4)} (${card.threshold_rule} on the cross-validation), temperature ${card.temperature.toFixed(3)}, ` +
      `epoch ${card.epoch}, SHA-256 ${await sha256OfFile(location.modelPath)}.`,
  ];
  const [begin, end] = ["<!-- figures -->", "<!-- end of figures -->"];
  const text = await readFile(path, "utf8");
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${path} lacks the marks around its figures.`);
  await writeFile(path, `${before}${begin}\n${lines.join("\n")}\n${end}${after}`);
}

function contextLines(parts: ReturnType<typeof crossFitted>, groups: ReturnType<typeof groupsIn>): string[] {
  return [
    "",
    "**With the patches around it**, as `evaluate` and `slide` classify a patch. Only some cases are complete; of the others a sample is at hand, in which most neighbours are missing.",
    "",
    ...metricTable(parts),
    "",
    ...groupTable(parts, groups),
  ];
}
