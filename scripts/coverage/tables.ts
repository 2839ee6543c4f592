/** What both measurements of coverage share: results that are kept, and the table in a document. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { MetricName } from "../../src/metrics/table.ts";

/** The heads of the columns. */
export const SHORT: Record<MetricName, string> = {
  auroc: "AUROC",
  auprc: "AUPRC",
  accuracy: "acc.",
  sensitivity: "sens.",
  specificity: "spec.",
  balanced_accuracy: "bal. acc.",
  ppv: "PPV",
  npv: "NPV",
  f1: "F1",
  mcc: "MCC",
  brier: "Brier",
  log_loss: "log loss",
  calibration_error: "cal. error",
};

/** ".953". */
export const digits = (value: number): string => value.toFixed(3).replace(/^0/, "");

/** How exactly a coverage of .95 is known after so many simulations: half of the 95 % interval. */
export const precisionOf = (times: number): number => 1.96 * Math.sqrt((0.95 * 0.05) / times);

/** Keeps results in a folder: returns the stored result for a key, or computes and stores it. */
export function keeperIn(folder: string, times: number) {
  mkdirSync(folder, { recursive: true });
  return <T>(key: string, compute: () => T): T => {
    const path = join(folder, `${key.replace(/[^a-z0-9]+/gi, "-")}-${times}.json`);
    if (!existsSync(path)) {
      process.stdout.write(`${key}\n`);
      writeFileSync(path, JSON.stringify(compute()));
    }
    return JSON.parse(readFileSync(path, "utf8")) as T;
  };
}

/** Replaces what stands between the marks of a command in a document. */
export function writeBetweenMarks(document: string, command: string, text: string): void {
  const [begin, end] = [`<!-- written by npm run ${command} -->`, `<!-- end of what npm run ${command} writes -->`];
  const [before, rest] = readFileSync(document, "utf8").split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${document} lacks the marks around its tables.`);
  writeFileSync(document, `${before}${begin}\n${text}\n${end}${after}`);
}
