/** The verb "compare": evaluations of the same patches in; each metric with its interval side by side, and the paired differences, out. */
import { z } from "zod";
import { type Evaluation, readEvaluation, reportSchema } from "../artifacts/evaluation_folder.ts";
import { SPLITS } from "../histology/dataset/split_names.ts";
import { checkedOptions } from "../options/checked_options.ts";
import type { Comparison } from "../reports/comparison/report.ts";
import { comparisonLines, comparisonWarnings } from "../reports/comparison/text.ts";
import type { Context } from "../util/context.ts";
import { comparisonOf, requireSamePatches } from "./comparison/numbers.ts";

export type { Comparison };

export const compareOptions = z.object({
  runs: z.array(z.string()).min(2, "must be two or more folders: the first, and those to compare with it").meta({
    description: "Evaluated runs, or folders of evaluations; the others are compared with the first.",
    positional: true,
    placeholder: "RUN|DIR",
    path: true,
  }),
  split: z.enum(SPLITS).default("test").meta({ description: "The evaluation of each run that is meant." }),
  json: z.boolean().default(false).meta({ description: "Print everything as JSON." }),
});

export type CompareOptions = z.input<typeof compareOptions>;

/**
 * Compares evaluations of the same patches.
 * @throws UserError where one is missing or damaged, or if they are not of the same patches, labels and cases.
 */
export async function compare(given: CompareOptions, context: Context): Promise<Comparison> {
  const { runs, split, json } = checkedOptions(compareOptions, given);
  const evaluations: Evaluation[] = [];
  for (const run of runs) evaluations.push(await readEvaluation(run, split, reportSchema, context.signal));
  for (const other of evaluations.slice(1)) requireSamePatches(evaluations[0]!, other);
  const comparison = await comparisonOf(evaluations, context);
  context.signal.throwIfAborted();
  for (const warning of comparisonWarnings(evaluations)) context.reporter.warn(warning);
  for (const line of json ? JSON.stringify(comparison, null, 2).split("\n") : comparisonLines(comparison)) {
    context.reporter.info(line);
  }
  return comparison;
}
