/** Whether the two maps of a patch agree, in words: below a limit neither is to be read as the reason for the answer. */
import { fixed } from "../../util/numbers.ts";

/**
 * Maps whose rank correlation is lower disagree. Of maps of two different patches, which have nothing to do with each other, 95 %
 * lie below .31 with the model idc, and 94 % below .45 with cancernet: a lower value is no more than chance gives (docs/explain.md).
 */
export const AGREEMENT_LIMIT = 0.3;

/** Whether a rank correlation is too low; one that is not defined, as a map is constant, is. */
export function mapsDisagree(agreement: number | null): boolean {
  return agreement === null || agreement < AGREEMENT_LIMIT;
}

/** What is said of the maps of a patch: the number, and if they disagree what follows from it. */
export function agreementText(agreement: number | null): string {
  if (agreement === null) return "One of the two maps is constant here: do not read either as the reason.";
  const number = `rank correlation ${fixed(agreement, 2)}`;
  if (!mapsDisagree(agreement)) return `The two maps agree (${number}).`;
  return `The two maps disagree here (${number}): do not read either as the reason.`;
}
