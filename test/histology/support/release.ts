/** The cases of the published release, as its table of counts has them, for the tests that split them. */
import { join } from "node:path";
import type { CaseCounts } from "../../../src/histology/dataset/stratify.ts";
import { readText } from "../../../src/system/files.ts";
import { fromCsv } from "../../../src/util/csv.ts";

/** @param data the folder that IDC_DATA names */
export async function releaseCases(data: string): Promise<CaseCounts[]> {
  const path = join(data, "splits", "patient_counts_279.csv");
  return fromCsv(await readText(path, "the counts"), ["patient_id", "n0", "n1"], path).map((row) => ({
    caseId: row.patient_id,
    no_idc: Number(row.n0),
    idc: Number(row.n1),
  }));
}
