/** Small datasets whose records have another side than 50 pixels, cut out of synthetic slides; the slides lie beside them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CLASS_NAMES, type ClassNames } from "../../src/histology/dataset/class_names.ts";
import { DATASET_FILES } from "../../src/histology/dataset/description.ts";
import { openFolder } from "../../src/histology/dataset/folder.ts";
import { packPatches } from "../../src/histology/dataset/pack.ts";
import type { Candidate } from "../../src/histology/dataset/parse_path.ts";
import { planDataset } from "../../src/histology/dataset/plan.ts";
import { SPLITS, type Split } from "../../src/histology/dataset/split_names.ts";
import { writeDataset } from "../../src/histology/dataset/write.ts";
import { encodePng } from "../../src/histology/image/decode.ts";
import { renderSlide } from "../../src/histology/synthetic/slide.ts";
import { SOFTWARE } from "../../src/system/version.ts";
import { cut } from "../histology/slide/support/pictures.ts";

const CELL = 50;
/** A case a split. */
export const CASES: Readonly<Record<Split, string>> = { train: "90001", val: "90002", test: "90003" };

/**
 * Draws a slide a split and writes it, its patches (named as in the Kaggle release) and the dataset of these: <case>.png, patches,
 * dataset. A patch has the label of the cell in its middle.
 * @param unit how much a pixel of a record counts in the places that names state
 */
export async function writeSidedDataset(
  folder: string,
  {
    side,
    columns,
    rows,
    classNames = CLASS_NAMES,
    unit = 1,
  }: { side: number; columns: number; rows: number; classNames?: ClassNames; unit?: number },
): Promise<void> {
  const at = (...names: string[]) => join(folder, ...names);
  mkdirSync(at("dataset"), { recursive: true });
  for (const [seed, caseId] of Object.values(CASES).entries()) {
    const slide = renderSlide({ seed, caseId, columns, rows, idcShare: 0.5 });
    writeFileSync(at(`${caseId}.png`), await encodePng(slide));
    for (const label of [0, 1]) mkdirSync(at("patches", caseId, String(label)), { recursive: true });
    for (let y = 0; y + side <= slide.height; y += side) {
      for (let x = 0; x + side <= slide.width; x += side) {
        const [column, row] = [x, y].map((edge) => Math.floor((edge + side / 2) / CELL)) as [number, number];
        const label = slide.labels[row * columns + column]!;
        const name = `${caseId}_idx5_x${x * unit + 1}_y${y * unit + 1}_class${label}.png`;
        const patch = cut(slide, { x, y, width: side, height: side });
        writeFileSync(at("patches", caseId, String(label), name), await encodePng(patch));
      }
    }
  }
  const signal = new AbortController().signal;
  const source = await openFolder(at("patches"), signal);
  const { candidates } = planDataset(source.paths);
  const packed = await packPatches(
    source,
    candidates,
    { path: at("dataset", DATASET_FILES.patches), side },
    { signal, onProgress() {} },
  );
  const splitOf = ({ caseId }: Candidate) => SPLITS.find((split) => CASES[split] === caseId)!;
  await writeDataset(at("dataset"), {
    rows: packed.patches.map(({ candidate, width, height }) => {
      const { id, caseId, x, y, label, path } = candidate;
      return { id, caseId, x, y, label, split: splitOf(candidate), width, height, source: path };
    }),
    rejections: packed.rejections,
    split: { method: "lists", seed: null },
    software: SOFTWARE,
    side,
    classNames,
  });
}
