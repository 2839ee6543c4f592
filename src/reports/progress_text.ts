/** Progress as text: the title of each task, and the values that the task measures. */
import { whole } from "../util/numbers.ts";
import type { Progress, Task } from "../util/reporter.ts";

const TITLES: Record<Task, (progress: Progress) => string> = {
  "read-patches": () => "reading patches",
  "copy-files": () => "copying files",
  "draw-tissue": () => "drawing synthetic tissue",
  epoch: ({ number, of }) => `Epoch ${number}/${of}`,
  "describe-cases": () => "Describing the training's cases",
  evaluate: ({ subject }) => `Evaluating ${subject}`,
  "report-folds": () => "Reporting",
  compare: () => "Comparing",
  "learn-neighbours": () => "Looking at the train split",
  "extract-features": () => "Features",
  "fit-probe": () => "Fitting",
  predict: () => "Predicting",
  "find-tissue": ({ subject }) => `Finding tissue in ${subject}`,
  score: ({ subject }) => `Scoring ${subject}`,
  explain: () => "Explaining",
  workers: () => "Workers",
  "check-machine": () => "Checking",
};

/** "Row 4/12, Fold 2/5, Epoch 3/20". */
export function progressTitle(progress: Progress): string {
  const { row, fold } = progress;
  return [
    ...(row ? [`Row ${row.number}/${row.of}`] : []),
    ...(fold ? [`Fold ${fold.number}/${fold.of}`] : []),
    TITLES[progress.task](progress),
  ].join(", ");
}

/** "loss 0.4120", "val AUROC 0.9123": one text for each value. */
export function valueTexts(values: Progress["values"]): string[] {
  return Object.entries(values ?? {}).map(
    ([name, value]) => `${name.replaceAll("_", " ").replace("auroc", "AUROC")} ${value.toFixed(4)}`,
  );
}

/** "Scoring slide-7: 1,200/25,436 patches": progress as the last words of a worker. */
export function progressWords(progress: Progress): string {
  const { done, total, unit } = progress;
  return `${progressTitle(progress)}: ${whole(done)}${total > 0 ? `/${whole(total)}` : ""} ${unit}`;
}
