/** The patches of a cell of the confusion matrix or of a bin of the reliability diagram. */

import { CALIBRATION_BINS, calibrationBin } from "../../../../metrics/scoring_rules.ts";
import type { Confusion } from "../../../../metrics/tally.ts";
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
