/** Compares evaluations of the same patches, patch by patch. Other files read the evaluations and print the result. */
import type { Evaluation } from "../../artifacts/evaluation.ts";
import { describedClasses } from "../../histology/dataset/description.ts";
import { caseSizesOf } from "../../metrics/clusters.ts";
import { assess, estimatesOf, layoutOf, type MetricAssessment } from "../../metrics/intervals.ts";
import { differencesOf } from "../../metrics/paired.ts";
import type { Context } from "../../util/context.ts";
import { UserError } from "../../util/errors.ts";
import { RESEARCH_USE_NOTICE } from "../../util/notice.ts";
import { counted } from "../../util/numbers.ts";
import { aTurn } from "../../util/turns.ts";
import { intervalsOver } from "../evaluation/interval_text.ts";
import { requireSameClassesIn } from "../same_classes.ts";
import type { Comparison } from "./report.ts";

/**
 * Checks that two evaluations have the same classes, and the same patches with the same labels and cases.
 * @throws UserError that names the first difference.
 */
export function requireSamePatches(first: Evaluation, other: Evaluation): void {
  requireSameClassesIn(first, other);
  const remedy = "evaluate both on the same split of the same dataset";
  const between = `${first.name} (${first.report.split}) and ${other.name} (${other.report.split})`;
  for (const [one, two] of [[first, other] as const, [other, first] as const]) {
    const alone = [...one.answers.keys()].filter((id) => !two.answers.has(id));
    if (alone.length === 0) continue;
    throw new UserError(
      "evaluation-mismatch",
      `${between} are not of the same patches: only ${one.name} has ${counted(alone.length, "patch")}, such as ${alone[0]}; ${remedy}.`,
    );
  }
  for (const [id, answer] of first.answers) {
    for (const what of ["label", "case"] as const) {
      const [here, there] = [answer[what], other.answers.get(id)![what]];
      if (here === there) continue;
      throw new UserError(
        "evaluation-mismatch",
        `${between} disagree on the ${what} of patch ${id}, which is "${here}" in the first and "${there}" in the second: ${remedy}.`,
      );
    }
  }
}

/** Evaluations to compare, and the cases that were left out. */
interface Comparable {
  readonly evaluations: readonly Evaluation[];
  /** Sorted. */
  readonly leftOut: readonly string[];
}

/**
 * Leaves out the cases whose labels were corrected, if the evaluations are on different datasets: there the models were
 * measured against different labels. Evaluations on the same dataset stay as they are.
 * @throws UserError if no patch remains.
 */
function withoutCorrectedCases(evaluations: readonly Evaluation[]): Comparable {
  const [first] = evaluations as [Evaluation];
  const corrected = new Set(evaluations.flatMap(({ report }) => report.dataset.corrected_cases ?? []));
  const areSame = evaluations.every(({ report }) => report.dataset.sha256 === first.report.dataset.sha256);
  if (areSame || corrected.size === 0) return { evaluations, leftOut: [] };
  const kept = evaluations.map((evaluation) => ({
    ...evaluation,
    answers: new Map([...evaluation.answers].filter(([, answer]) => !corrected.has(answer.case))),
  }));
  const leftOut = [...corrected].sort();
  const empty = kept.find(({ answers }) => answers.size === 0);
  if (empty === undefined) return { evaluations: kept, leftOut };
  throw new UserError(
    "evaluation-mismatch",
    `All cases of ${empty.name} (${first.report.split}) have corrected labels in one of the datasets, so that nothing can be compared: evaluate both models on the same dataset.`,
  );
}

/**
 * Computes the metrics of each evaluation, and the differences of each later evaluation from the first.
 * @throws UserError as `withoutCorrectedCases` and `requireSamePatches`; the signal's reason if it is aborted.
 */
export async function comparisonOf(given: readonly Evaluation[], { reporter, signal }: Context): Promise<Comparison> {
  const { evaluations, leftOut } = withoutCorrectedCases(given);
  const [first, ...others] = evaluations as [Evaluation, ...Evaluation[]];
  for (const other of others) requireSamePatches(first, other);
  const ids = [...first.answers.keys()];
  const cases = ids.map((id) => first.answers.get(id)!.case);
  const labels = ids.map((id) => first.answers.get(id)!.label);
  const probabilities = evaluations.map(({ answers }) => ids.map((id) => answers.get(id)!.probability));
  const layout = layoutOf(cases, labels, probabilities);
  const assessed: MetricAssessment[] = [];
  for (const [place, { report }] of evaluations.entries()) {
    assessed.push(assess({ labels, probabilities: probabilities[place]! }, report.threshold));
    reporter.progress({ task: "compare", done: place + 1, total: evaluations.length, unit: "runs" });
    // Lets an abort request arrive between two runs.
    await aTurn();
    signal.throwIfAborted();
  }
  const named = new Set(cases.filter((name) => name !== ""));
  return {
    split: first.report.split,
    ...describedClasses(first.report.model.class_names),
    patches: ids.length,
    cases: named.size,
    ...(leftOut.length > 0 ? { left_out: leftOut } : {}),
    intervals: intervalsOver(named.size),
    case_sizes: caseSizesOf(cases),
    runs: evaluations.map(({ name, report: { threshold, model } }, place) => {
      const { class_names: _, ...facts } = model;
      return { run: name, model: facts, threshold, metrics: estimatesOf(assessed[place]!, layout) };
    }),
    differences: evaluations.slice(1).map(({ name }, place) => ({
      run: name,
      minus: first.name,
      metrics: differencesOf(assessed[0]!, assessed[place + 1]!, layout),
    })),
    notice: RESEARCH_USE_NOTICE,
  };
}
