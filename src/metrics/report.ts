/** Confusion counts as text: scikit-learn's classification report, and a labelled confusion matrix. */
import { tableLines } from "../util/table.ts";
import { accuracy, f1, ppv, sensitivity } from "./rates.ts";
import type { Confusion, Names } from "./tally.ts";

interface Row {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly support: number;
}

const COLUMNS = ["precision", "recall", "f1-score", "support"];
const COLUMN_WIDTH = 9;

/**
 * The classification report in the layout of scikit-learn's classification_report (digits=2); every line ends with
 * "\n". An undefined rate is shown as 0.00, as with scikit-learn's default zero_division.
 */
export function classificationReport(confusion: Confusion, classNames: Names): string {
  const { tn, fp, fn, tp } = confusion;
  const rows = [rowOf({ tn: tp, fp: fn, fn: fp, tp: tn }), rowOf(confusion)] as const;
  const support = tn + fp + fn + tp;
  const width = Math.max(...[...classNames, "weighted avg"].map(lengthOf));
  const line = (heading: string, cells: readonly string[]) =>
    `${padded(heading, width)} ${cells.map((cell) => ` ${padded(cell, COLUMN_WIDTH)}`).join("")}\n`;
  const rowLine = (heading: string, row: Row) =>
    line(heading, [twoDigits(row.precision), twoDigits(row.recall), twoDigits(row.f1), String(row.support)]);
  return [
    line("", COLUMNS),
    "\n",
    rowLine(classNames[0], rows[0]),
    rowLine(classNames[1], rows[1]),
    "\n",
    line("accuracy", ["", "", twoDigits(accuracy(confusion) ?? 0), String(support)]),
    rowLine("macro avg", averageOf(rows, [1, 1], support)),
    rowLine("weighted avg", averageOf(rows, [rows[0].support, rows[1].support], support)),
  ].join("");
}

/** The confusion matrix as text: rows are the true class, columns the predicted class. */
export function confusionTable({ tn, fp, fn, tp }: Confusion, classNames: Names): string {
  const header = ["", ...classNames.map((name) => `predicted ${name}`)];
  const rows = [
    [`true ${classNames[0]}`, tn, fp],
    [`true ${classNames[1]}`, fn, tp],
  ];
  return `${tableLines(header, rows).join("\n")}\n`;
}

/** The rates of the class that is positive in the confusion counts. */
function rowOf(confusion: Confusion): Row {
  return {
    precision: ppv(confusion) ?? 0,
    recall: sensitivity(confusion) ?? 0,
    f1: f1(confusion) ?? 0,
    support: confusion.tp + confusion.fn,
  };
}

function averageOf(rows: readonly [Row, Row], weights: readonly [number, number], support: number): Row {
  const total = weights[0] + weights[1];
  const mean = (of: (row: Row) => number) =>
    total === 0 ? 0 : (of(rows[0]) * weights[0] + of(rows[1]) * weights[1]) / total;
  return {
    precision: mean((row) => row.precision),
    recall: mean((row) => row.recall),
    f1: mean((row) => row.f1),
    support,
  };
}

/** Two decimals, rounded as in Python: a tie (an odd number of eighths) rounds to the even digit, unlike toFixed. */
function twoDigits(value: number): string {
  const isTie = Number.isInteger(value * 8) && !Number.isInteger(value * 4);
  return (isTie ? (2 * Math.round(value * 50)) / 100 : value).toFixed(2);
}

function padded(text: string, width: number): string {
  return " ".repeat(Math.max(width - lengthOf(text), 0)) + text;
}

/** The number of characters (code points), as Python counts them. */
function lengthOf(text: string): number {
  return [...text].length;
}
