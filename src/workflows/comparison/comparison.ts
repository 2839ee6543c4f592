/** Evaluations of the same patches, compared on the same resampled cases; reading them and telling of it is left to others. */
import type { Split } from "../../histology/dataset/splits.ts";
import {
  type DrawnMetrics,
  drawSteps,
  estimatesOf,
  type MetricEstimate,
  resamplingOf,
} from "../../metrics/intervals.ts";
import { differencesOf, type PairedDifference } from "../../metrics/paired.ts";
import type { MetricName } from "../../metrics/table.ts";
import { UserError } from "../../util/errors.ts";
import { counted } from "../../util/numbers.ts";
import { inTurns } from "../../util/turns.ts";
import type { Context } from "../context.ts";
import type { Evaluation } from "../evaluation_folder.ts";
import { RESEARCH_USE_NOTICE } from "../model_file.ts";

/** A run with its metrics, at the threshold of its own model. */
export interface ComparedRun {
  readonly run: string;
  readonly model: Evaluation["report"]["model"];
  readonly threshold: number;
  readonly metrics: Record<MetricName, MetricEstimate>;
}

/** What --json prints. */
export interface Comparison {
  readonly split: Split;
  readonly patches: number;
  readonly cases: number;
  readonly intervals: {
    readonly level: number;
    /** Whole cases, or single patches where none names its case. */
    readonly resampled: "cases" | "patches";
    readonly draws: number;
    readonly seed: number;
  };
  /** In the order given. */
  readonly runs: readonly ComparedRun[];
  /** Each run but the first, minus the first. */
  readonly differences: readonly {
    readonly run: string;
    readonly minus: string;
    readonly metrics: Record<MetricName, PairedDifference>;
  }[];
  readonly notice: string;
}

/** As those of "evaluate", so that both give the same intervals. */
const DRAWS = { draws: 2000, seed: 42 };

/**
 * Looks whether two evaluations are of the same patches with the same labels and cases.
 * @throws UserError that names the first difference.
 */
export function requireSamePatches(first: Evaluation, other: Evaluation): void {
  const mend = "evaluate both on the same split of the same dataset";
  const between = `${first.name} (${first.report.split}) and ${other.name} (${other.report.split})`;
  for (const [one, two] of [[first, other] as const, [other, first] as const]) {
    const alone = [...one.answers.keys()].filter((id) => !two.answers.has(id));
    if (alone.length === 0) continue;
    throw new UserError(
      `${between} are not of the same patches: only ${one.name} has ${counted(alone.length, "patch")}, such as ${alone[0]}; ${mend}.`,
    );
  }
  for (const [id, answer] of first.answers) {
    for (const what of ["label", "case"] as const) {
      const [here, there] = [answer[what], other.answers.get(id)![what]];
      if (here === there) continue;
      throw new UserError(
        `${between} disagree on the ${what} of patch ${id}, which is "${here}" in the first and "${there}" in the second: ${mend}.`,
      );
    }
  }
}

/** @param evaluations of the same patches, see `requireSamePatches` */
export async function comparisonOf(
  evaluations: readonly Evaluation[],
  { reporter, signal }: Context,
): Promise<Comparison> {
  const [first] = evaluations as [Evaluation];
  const ids = [...first.answers.keys()];
  const cases = ids.map((id) => first.answers.get(id)!.case);
  const labels = ids.map((id) => first.answers.get(id)!.label);
  const probabilities = evaluations.map(({ answers }) => ids.map((id) => answers.get(id)!.probability));
  const resampling = resamplingOf(cases, [labels, ...probabilities], DRAWS);
  const drawn: DrawnMetrics[] = [];
  for (const [place, { report }] of evaluations.entries()) {
    const steps = drawSteps({ labels, probabilities: probabilities[place]! }, report.threshold, resampling);
    drawn.push(await inTurns(steps, signal));
    reporter.progress({ task: "Resampling", done: place + 1, total: evaluations.length, unit: "runs" });
  }
  const named = new Set(cases.filter((name) => name !== ""));
  return {
    split: first.report.split,
    patches: ids.length,
    cases: named.size,
    intervals: { level: 0.95, resampled: named.size > 0 ? "cases" : "patches", ...DRAWS },
    runs: evaluations.map(({ name, report }, place) => ({
      run: name,
      model: report.model,
      threshold: report.threshold,
      metrics: estimatesOf(drawn[place]!),
    })),
    differences: evaluations.slice(1).map(({ name }, place) => ({
      run: name,
      minus: first.name,
      metrics: differencesOf(drawn[0]!, drawn[place + 1]!),
    })),
    notice: RESEARCH_USE_NOTICE,
  };
}
