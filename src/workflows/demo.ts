/** The verb "demo": the whole way once - a synthetic cohort, a dataset, a training, an evaluation, predictions, a slide. */
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RUN_FILES } from "../artifacts/run_files.ts";
import { RECORD_SIZE_PIXELS } from "../histology/dataset/record.ts";
import { encodePng } from "../histology/image/decode.ts";
import { writeCohort } from "../histology/synthetic/cohort.ts";
import { slideSteps } from "../histology/synthetic/slide.ts";
import { checkedOptions } from "../options/checked_options.ts";
import { type DemoOptions, demoOptions } from "../options/demo.ts";
import { evaluateOptions } from "../options/evaluate.ts";
import { predictOptions } from "../options/predict.ts";
import { prepareOptions } from "../options/prepare.ts";
import { slideOptions } from "../options/slide.ts";
import { createOutputFolder } from "../system/output_folder.ts";
import type { Context } from "../util/context.ts";
import { toCsv } from "../util/csv.ts";
import { counted } from "../util/numbers.ts";
import { inTurns } from "../util/turns.ts";
import { evaluate } from "./evaluate.ts";
import { predict } from "./predict.ts";
import { prepare } from "./prepare.ts";
import { slide } from "./slide.ts";
import { train, trainOptions } from "./train.ts";

const PREDICTED_PER_CLASS = 3;
/** Patches along each side of the synthetic slide. */
const SLIDE_CELLS = 20;

/** Runs the demo and prints what it made and where. */
export async function demo(given: DemoOptions, context: Context): Promise<void> {
  const { out, cases, epochs, seed } = checkedOptions(demoOptions, given);
  const { reporter, signal } = context;
  await createOutputFolder(out);
  const [cohort, dataset, run] = [join(out, "cohort"), join(out, "dataset"), join(out, "run")];

  reporter.info(`1. Drawing a synthetic cohort of ${counted(cases, "case")} (procedural tissue, no real patient) ...`);
  const { patches } = await writeCohort({ folder: cohort, seed, cases, encodePng, reporter, signal });
  reporter.info(`   ${counted(patches, "patch")} in ${cohort}`);
  signal.throwIfAborted();

  reporter.info("");
  reporter.info(`2. cancernet prepare ${cohort} --out ${dataset}`);
  await prepare(prepareOptions.parse({ source: cohort, out: dataset, seed }), context);

  reporter.info("");
  reporter.info(`3. cancernet train ${dataset} --out ${run} --epochs ${epochs}`);
  await train(trainOptions.parse({ dataset, out: run, epochs, seed }), context);

  reporter.info("");
  reporter.info(`4. cancernet evaluate ${run}`);
  await evaluate(evaluateOptions.parse({ model: run }), context);

  const images = await someImages(cohort);
  reporter.info("");
  reporter.info(`5. cancernet predict ${run} ${images.join(" ")}`);
  await predict(predictOptions.parse({ model: run, images }), context);

  const { path, labels, scored } = await drawUnseenSlide(out, seed, signal);
  reporter.info("");
  reporter.info(`6. cancernet slide ${run} ${path} --out ${scored} --labels ${labels}`);
  await slide(slideOptions.parse({ model: run, slides: [path], out: scored, labels }), context);

  reporter.info("");
  reporter.info("The demo made:");
  reporter.info(`  ${cohort}  the synthetic patches, in the layout of the Kaggle set`);
  reporter.info(`  ${dataset}  the prepared dataset`);
  reporter.info(`  ${run}  the trained model (${RUN_FILES.best}), its history and ${RUN_FILES.plot}`);
  reporter.info(`  ${join(run, "evaluation-test")}  the evaluation: report.html, report.json and predictions.csv`);
  reporter.info(`  ${scored}  a whole slide with the probabilities laid over it: slide.html`);
  reporter.info("Synthetic tissue is much easier than real tissue: its figures say nothing about real patients.");
}

/** A slide of a case that is not in the cohort, and the labels of its patches. */
async function drawUnseenSlide(out: string, seed: number, signal: AbortSignal) {
  const caseId = "unseen";
  const size = { columns: SLIDE_CELLS, rows: SLIDE_CELLS };
  const drawn = await inTurns(slideSteps({ seed, caseId, ...size, idcShare: 0.4 }), signal);
  const [path, labels] = [join(out, `${caseId}.png`), join(out, `${caseId}.csv`)];
  await writeFile(path, await encodePng(drawn));
  const rows = Array.from(drawn.labels, (label, cell) => {
    const place = [cell % SLIDE_CELLS, Math.floor(cell / SLIDE_CELLS)].map((at) => at * RECORD_SIZE_PIXELS + 1);
    return [caseId, ...place, label];
  });
  await writeFile(labels, toCsv(["case", "x", "y", "class"], rows));
  return { path, labels, scored: join(out, "slide") };
}

/** A few patches of each class from the last case. */
async function someImages(cohort: string): Promise<string[]> {
  const lastCase = (await readdir(cohort)).sort().at(-1)!;
  const perClass = await Promise.all(
    ["0", "1"].map(async (label) => {
      const folder = join(cohort, lastCase, label);
      const names = (await readdir(folder)).sort();
      return names.slice(0, PREDICTED_PER_CLASS).map((name) => join(folder, name));
    }),
  );
  return perClass.flat();
}
