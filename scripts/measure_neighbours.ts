/**
 * Compares the reach of neighbours on a finished cross-validation: for each reach, weights and calibration are fitted to the
 * other folds. docs/experiments.md shows the table.
 *
 *     node scripts/measure_neighbours.ts <folder of the cross-validation> <folder of lists cases_NAME.txt>
 */
import { pooledByCase, pooledMacro, pooledWithIntervals } from "../src/metrics/pooled.ts";
import { readUnseen } from "../src/workflows/crossvalidation/unseen.ts";
import { crossFitted, groupsIn, restricted } from "./model_figures.ts";

const [folds, lists] = process.argv.slice(2);
if (folds === undefined || lists === undefined)
  throw new Error("Give two folders: the cross-validation, and the lists.");
const unseen = await readUnseen(folds, new AbortController().signal);
const groups = groupsIn(lists);

const COLUMNS = ["AUROC", "mean over cases", "balanced accuracy", "calibration error"];
const digits = (value: number | null) => (value ?? Number.NaN).toFixed(3);
const row = (cells: readonly string[]) => process.stdout.write(`| ${cells.join(" | ")} |\n`);

row(["neighbours", "cases", ...COLUMNS]);
row(["---", "---", ...COLUMNS.map(() => "--:")]);
for (const reach of [0, 1, 2, 4, 8, 16]) {
  const parts = crossFitted(unseen, { reach: Math.max(reach, 1), alone: reach === 0 });
  const side = 2 * reach + 1;
  for (const [name, members] of [["all", undefined] as const, ...groups]) {
    const own = members
      ? parts.map((part) => restricted(part, members)).filter(({ labels }) => labels.length > 0)
      : parts;
    const { auroc, balanced_accuracy, calibration_error } = pooledWithIntervals(own);
    const { auroc: macro } = pooledMacro(pooledByCase(own));
    const cells = [auroc, macro, balanced_accuracy, calibration_error].map(({ value }) => digits(value));
    row([reach === 0 ? "none" : `${side} x ${side}`, name, ...cells]);
  }
}
