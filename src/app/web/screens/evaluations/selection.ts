/** The patches of a cell of the confusion matrix or of a bin of the reliability diagram. */

import { CALIBRATION_BINS, calibrationBin } from "../../../../metrics/scoring_rules.ts";
import type { Confusion } from "../../../../metrics/tally.ts";
import type { ClassWords } from "../../../../reports/class_words.ts";
import type { PredictionColumns } from "../../../api/evaluations.ts";

/** A cell of the confusion matrix by the name of its count, or a bin of the reliability diagram. */
export type Selection = { readonly outcome: keyof Confusion } | { readonly bin: number };

const OUTCOMES: readonly string[] = ["tn", "fp", "fn", "tp"] satisfies (keyof Confusion)[];

/** "fn", "bin-3": how the address names a selection. */
export function selectionText(selection: Selection | null): string | undefined {
  if (selection === null) return undefined;
  return "bin" in selection ? `bin-${selection.bin}` : selection.outcome;
}

/** Null if the text names no selection. */
export function parseSelection(text: string | undefined): Selection | null {
  if (text === undefined) return null;
  if (OUTCOMES.includes(text)) return { outcome: text as keyof Confusion };
  const bin = /^bin-(\d)$/.exec(text)?.[1];
  return bin !== undefined && Number(bin) < CALIBRATION_BINS ? { bin: Number(bin) } : null;
}

/** The label of the patches of a cell, and whether they are called positive. */
export function cellOf(outcome: keyof Confusion): { readonly label: 0 | 1; readonly called: boolean } {
  return { label: outcome === "fn" || outcome === "tp" ? 1 : 0, called: outcome === "fp" || outcome === "tp" };
}

/**
 * The places of the selected patches: those called positive by falling probability, those called negative by rising
 * probability, so that the surest mistakes come first; those of a bin by falling probability. Equal ones keep the order
 * of the file.
 */
export function selectedPatches(
  { labels, probabilities }: Pick<PredictionColumns, "labels" | "probabilities">,
  selection: Selection,
  threshold: number,
): Uint32Array {
  const isIn = membership(selection, threshold);
  const rises = "outcome" in selection && !cellOf(selection.outcome).called;
  const places = Uint32Array.from(labels.keys().filter((i) => isIn(labels[i]!, probabilities[i]!)));
  return places.sort((a, b) => (probabilities[b]! - probabilities[a]!) * (rises ? -1 : 1) || a - b);
}

function membership(selection: Selection, threshold: number): (label: number, probability: number) => boolean {
  if ("bin" in selection) return (_, probability) => calibrationBin(probability) === selection.bin;
  const { label, called } = cellOf(selection.outcome);
  return (own, probability) => own === label && probability >= threshold === called;
}

/** "labelled IDC, called no IDC", "with a probability from 0.3 to 0.4". */
export function selectionWords(selection: Selection, { negative, positive }: ClassWords): string {
  if ("bin" in selection) {
    const edge = (bin: number) => (bin / CALIBRATION_BINS).toFixed(1);
    return `with a probability above ${edge(selection.bin)}, up to ${edge(selection.bin + 1)}`;
  }
  const { label, called } = cellOf(selection.outcome);
  return `labelled ${label === 1 ? positive : negative}, called ${called ? positive : negative}`;
}

/** Where an evaluation's patches are shown. */
export interface GridPlace {
  /** The id of the evaluation. */
  readonly id: string;
  /** The id of the dataset; undefined if it is not in the studio's folder. */
  readonly dataset: string | undefined;
  readonly split: string;
}

/**
 * The address of the dataset's grid with the selected patches only: their probabilities lie between those of the first
 * and the last. Undefined if there are none.
 */
export function gridAddress(
  { id, dataset, split }: GridPlace,
  selection: Selection,
  patches: Uint32Array,
  { probabilities }: Pick<PredictionColumns, "probabilities">,
): string | undefined {
  if (dataset === undefined || patches.length === 0) return undefined;
  const ends = [probabilities[patches[0]!]!, probabilities[patches.at(-1)!]!] as const;
  const cell = "outcome" in selection ? cellOf(selection.outcome) : undefined;
  const view = new URLSearchParams({
    run: id,
    split,
    ...(cell ? { label: String(cell.label) } : {}),
    from: String(Math.min(...ends)),
    to: String(Math.max(...ends)),
    sort: cell?.called === false ? "low" : "high",
  });
  return `/datasets/${dataset}?${view}`;
}
