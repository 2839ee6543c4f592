/** Describes in words whether the two maps of a patch agree. If they disagree, neither map explains the answer. */
import { fixed } from "../../util/numbers.ts";

/**
 * Maps disagree if their rank correlation is below this limit. For maps of two different, unrelated patches, 95 % of
 * the correlations are below 0.31 with the model idc, and 94 % are below 0.45 with cancernet. So a lower value is what
 * chance gives (docs/explain.md).
 */
export const AGREEMENT_LIMIT = 0.3;

/** Whether a rank correlation is too low. Null also counts as too low: it means that a map is constant. */
export function mapsDisagree(agreement: number | null): boolean {
  return agreement === null || agreement < AGREEMENT_LIMIT;
}

/** A sentence about a patch's maps: the correlation and, if the maps disagree, what follows from that. */
export function agreementText(agreement: number | null): string {
  if (agreement === null) return "One of the two maps is constant here: do not read either as the reason.";
  const number = `rank correlation ${fixed(agreement, 2)}`;
  if (!mapsDisagree(agreement)) return `The two maps agree (${number}).`;
  return `The two maps disagree here (${number}): do not read either as the reason.`;
}
