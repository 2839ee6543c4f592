/**
 * The command "demo": runs the whole workflow once - a synthetic cohort, a dataset, a training, an evaluation,
 * predictions and a slide.
 */
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type * as z from "zod";
import { RECORD_SIZE_PIXELS } from "../histology/dataset/record.ts";
import { encodePng } from "../histology/image/decode.ts";
import { writeCohort } from "../histology/synthetic/cohort.ts";
import { slideSteps } from "../histology/synthetic/slide.ts";
import { checkedOptions } from "../options/checked_options.ts";
import { commandWords } from "../options/command_line.ts";
import { type DemoOptions, demoOptions } from "../options/demo.ts";
import { evaluateOptions } from "../options/evaluate.ts";
import { predictOptions } from "../options/predict.ts";
import { prepareOptions } from "../options/prepare.ts";
import { slideOptions } from "../options/slide.ts";
import { trainOptions } from "../options/training/options.ts";
import type { DemoResult } from "../reports/demo/report.ts";
import { createOutputFolder } from "../system/output_folder.ts";
import type { Context } from "../util/context.ts";
import { toCsv } from "../util/csv.ts";
import { inTurns } from "../util/turns.ts";
import { evaluate } from "./evaluate.ts";
import { predict } from "./predict.ts";
import { prepare } from "./prepare.ts";
import { slide } from "./slide.ts";
import { train } from "./train.ts";

const STEPS = 6;
const PREDICTED_PER_CLASS = 3;
/** The number of patches along each side of the synthetic slide. */
const SLIDE_CELLS = 20;

export type { DemoResult };

/** Runs the demo; reports each step with its result. */
export async function demo(given: DemoOptions, context: Context): Promise<DemoResult> {
  const { out, cases, epochs, seed } = checkedOptions(demoOptions, given);
  const { reporter, signal } = context;
  await createOutputFolder(out);
  const [cohort, dataset, run] = [join(out, "cohort"), join(out, "dataset"), join(out, "run")];
  let number = 0;
  const step = async <R>(verb: string, command: readonly string[] | null, work: () => Promise<R>): Promise<R> => {
    signal.throwIfAborted();
    const numbered = { number: ++number, of: STEPS };
    reporter.event({ event: "step", status: "started", ...numbered, command });
    const result = await work();
    reporter.event({ event: "step", status: "done", ...numbered, verb, result });
    return result;
  };
  /** Runs a command as a step, and reports the matching command line. */
  const verb = <S extends z.ZodObject, R>(
    name: string,
    schema: S,
    options: z.input<S>,
    work: (options: z.input<S>, context: Context) => Promise<R>,
  ): Promise<R> => step(name, commandWords(name, schema, options), () => work(options, context));

  await step("draw", null, () => writeCohort({ folder: cohort, seed, cases, encodePng, reporter, signal }));
  await verb("prepare", prepareOptions, { source: cohort, out: dataset, seed }, prepare);
  await verb("train", trainOptions, { dataset, out: run, epochs, seed }, train);
  const { folder } = await verb("evaluate", evaluateOptions, { model: run }, evaluate);
  await verb("predict", predictOptions, { model: run, images: await someImages(cohort) }, predict);
  const { path, labels, scored } = await drawUnseenSlide(out, seed, signal);
  await verb("slide", slideOptions, { model: run, slides: [path], out: scored, labels }, slide);
  return { cohort, dataset, run, evaluation: folder!, slide: scored };
}

/** Draws a slide of a case that is not in the cohort, with the labels of its patches. */
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
