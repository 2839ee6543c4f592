/** The command "compare": compares the evaluations of several runs. */
import { type Evaluation, reportSchema } from "../artifacts/evaluation.ts";
import { readEvaluation } from "../artifacts/evaluation_folder.ts";
import { checkedOptions } from "../options/checked_options.ts";
import { type CompareOptions, compareOptions } from "../options/compare.ts";
import { comparisonOf } from "../reports/comparison/numbers.ts";
import type { Comparison } from "../reports/comparison/report.ts";
import { comparisonWarnings } from "../reports/comparison/text.ts";
import type { Context } from "../util/context.ts";

export type { Comparison };

/**
 * Compares evaluations of the same patches. If they are on different datasets, the cases whose labels were corrected in
 * one of them are left out.
 * @throws UserError if an evaluation is missing or damaged, or if the patches, labels or cases differ.
 */
export async function compare(given: CompareOptions, context: Context): Promise<Comparison> {
  const { runs, split } = checkedOptions(compareOptions, given);
  const evaluations: Evaluation[] = [];
  for (const run of runs) evaluations.push(await readEvaluation(run, split, reportSchema, context.signal));
  const comparison = await comparisonOf(evaluations, context);
  context.signal.throwIfAborted();
  for (const warning of comparisonWarnings(evaluations)) context.reporter.warn(warning);
  return comparison;
}
