/** The summary of a scored slide in sentences, for the terminal and for the page of "export --page". */
import { counted, whole } from "../../util/numbers.ts";
import type { ClassWords } from "../class_words.ts";
import type { Findings } from "./findings.ts";

/** A sentence about the patches with tissue, and one about those from the threshold on. */
export function findingsLines(
  findings: Findings,
  threshold: number,
  { probabilityOf }: Pick<ClassWords, "probabilityOf">,
): string[] {
  const { patches, idc, probability } = findings;
  const area = (mm2: number | null) => (mm2 === null ? "" : ` (${mm2.toFixed(2)} mm2)`);
  return [
    `${counted(patches.scored, "patch")} with tissue${area(findings.tissue_mm2)} of ${whole(patches.in_grid)}; mean ${probabilityOf} ${probability.mean.toFixed(3)}.`,
    `${counted(idc.patches, "patch")}${area(idc.mm2)}, ${(100 * idc.share).toFixed(1)} %, from ${threshold.toFixed(4)} on, in ${counted(idc.regions, "region")}; the largest has ${whole(idc.largest_region_patches)}${area(idc.largest_region_mm2)}.`,
  ];
}
