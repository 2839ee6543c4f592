/** The output of the demo: its steps, printed like the commands themselves, and a summary of the created files. */
import { commandLine } from "../../options/command_line.ts";
import { counted } from "../../util/numbers.ts";
import type { JobEvent } from "../../util/reporter.ts";
import { prepareLines } from "../dataset/text.ts";
import { evaluationLines } from "../evaluation/text.ts";
import { predictLines } from "../prediction/text.ts";
import { slideLines } from "../slide/text.ts";
import { trainLines } from "../training/text.ts";
import type { DemoResult } from "./report.ts";

interface DrawnCohort {
  readonly folder: string;
  readonly patches: number;
  readonly cases: readonly unknown[];
}

/** For each step's verb, the function that prints the step's result. */
const RESULTS: Readonly<Record<string, (result: never) => string[]>> = {
  draw: ({ patches, cases, folder }: DrawnCohort) => [
    `   ${counted(patches, "patch")} of ${counted(cases.length, "case")} in ${folder}`,
  ],
  prepare: prepareLines,
  train: trainLines,
  evaluate: evaluationLines,
  predict: (result) => predictLines(result, {}),
  slide: slideLines,
};

/** The lines of a step; undefined if the event is not a step. */
export function demoEventLines(event: JobEvent): readonly string[] | undefined {
  if (event.event !== "step") return undefined;
  if (event.status === "done") return RESULTS[event.verb]!(event.result as never);
  const { number, command } = event;
  const title = command
    ? commandLine(...command)
    : "Drawing a synthetic cohort (procedural tissue, no real patient) ...";
  return [...(number === 1 ? [] : [""]), `${number}. ${title}`];
}

/** The result of the command "demo". */
export function demoLines({ cohort, dataset, run, evaluation, slide }: DemoResult): string[] {
  return [
    "",
    "The demo made:",
    `  ${cohort}  the synthetic patches, in the layout of the Kaggle set`,
    `  ${dataset}  the prepared dataset`,
    `  ${run}  the trained model (model.onnx), its history and plot.png`,
    `  ${evaluation}  the evaluation: report.html, report.json and predictions.csv`,
    `  ${slide}  a whole slide with the probabilities laid over it: slide.html`,
    "Synthetic tissue is much easier than real tissue: its figures say nothing about real patients.",
  ];
}
