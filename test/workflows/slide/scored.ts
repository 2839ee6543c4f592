/** Synthetic slides as files, and slides scored with the models of the package, for the tests of the verb. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodePng } from "../../../src/histology/image/decode.ts";
import type { RgbImage } from "../../../src/histology/image/rgb.ts";
import { renderSlide } from "../../../src/histology/synthetic/slide.ts";
import { fromCsv } from "../../../src/util/csv.ts";
import { cut } from "../../histology/slide/support/pictures.ts";

const CELL = 50;

/** A slide and the labels of its cells with tissue. */
export interface SyntheticSlide extends RgbImage {
  readonly columns: number;
  readonly rows: number;
  readonly labels: Uint8Array;
  readonly tissue: Uint8Array;
}

export function drawSlide({ seed = 4, caseId = "90001", columns = 9, rows = 7 } = {}): SyntheticSlide {
  return { ...renderSlide({ seed, caseId, columns, rows, idcShare: 0.5 }), columns, rows };
}

/** Writes the patch of every cell as the published data names them: <case>/<class>/<case>_idx5_x1_y51_class0.png. */
export async function writePatches(slide: SyntheticSlide, folder: string, caseId: string): Promise<void> {
  for (const label of [0, 1]) mkdirSync(join(folder, caseId, String(label)), { recursive: true });
  for (const [cell, label] of slide.labels.entries()) {
    const [x, y] = [(cell % slide.columns) * CELL, Math.floor(cell / slide.columns) * CELL];
    const png = await encodePng(cut(slide, { x, y, width: CELL, height: CELL }));
    const name = `${caseId}_idx5_x${x + 1}_y${y + 1}_class${label}.png`;
    writeFileSync(join(folder, caseId, String(label), name), png);
  }
}

/** probabilities.csv by place: "x,y" of the left upper corner. */
export function probabilitiesIn(text: string): Map<string, number> {
  const rows = fromCsv(text, ["minx", "miny", "width", "height", "prob_noIDC", "prob_IDC"], "probabilities.csv");
  return new Map(rows.map((row) => [`${row.minx},${row.miny}`, Number(row.prob_IDC)]));
}
