/**
 * Writes a synthetic cohort as a folder in the layout of the Kaggle IDC set. slide.ts draws it; the caller encodes PNG.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileError, makeFolders } from "../../system/files.ts";
import { createOutputFolder } from "../../system/output_folder.ts";
import { RandomStream } from "../../system/random.ts";
import { UserError } from "../../util/errors.ts";
import { counted } from "../../util/numbers.ts";
import { type Reporter, silent } from "../../util/reporter.ts";
import { atOnce, inTurns } from "../../util/turns.ts";
import { cropImage } from "../image/crop.ts";
import type { RgbImage } from "../image/rgb.ts";
import { CELL_PIXELS } from "./anatomy.ts";
import { type SyntheticSlide, slideSteps } from "./slide.ts";

export interface CohortOptions {
  /** The folder to create. It must not exist yet, or must be empty. */
  folder: string;
  seed: number;
  /** Number of cases, 1 to 9,999. Their ids are 90001, 90002 and so on. */
  cases: number;
  /** Approximate mean number of patches per case (default 340). The number varies between cases. */
  patchesPerCase?: number;
  /** Encodes a patch as PNG. */
  encodePng: (image: RgbImage) => Promise<Uint8Array>;
  /** Receives progress after each case. Default: silent. */
  reporter?: Reporter;
  /** Cancels the drawing. */
  signal?: AbortSignal;
}

export interface CaseSummary {
  caseId: string;
  patches: number;
  idcPatches: number;
}

export interface CohortSummary {
  folder: string;
  patches: number;
  idcPatches: number;
  cases: CaseSummary[];
}

/** One patch of a case, before encoding. */
export interface SyntheticPatch extends RgbImage {
  caseId: string;
  /** Left edge, 1-based, equal to 1 modulo 50, as in the Kaggle file names. */
  x: number;
  /** Top edge, 1-based, equal to 1 modulo 50. */
  y: number;
  /** 1 = IDC. */
  label: 0 | 1;
}

/**
 * Writes `<caseId>/<0|1>/<caseId>_idx5_x<X>_y<Y>_class<0|1>.png` for every cell with tissue. The tumour's share of the
 * tissue varies between cases, from 0.05 to 0.8.
 * @throws UserError if the folder is not empty or cannot be written, or if a number is out of range; the signal's
 * reason if it is aborted.
 */
export async function writeCohort(options: CohortOptions): Promise<CohortSummary> {
  const { folder, encodePng, reporter = silent, signal } = options;
  const plans = planCases(options);
  await createOutputFolder(folder);
  const cases: CaseSummary[] = [];
  for (const plan of plans) {
    const { caseId } = plan;
    const patches = [...cutPatches(await inTurns(caseSteps(options.seed, plan), signal), caseId)];
    try {
      for (const label of [0, 1]) await makeFolders(join(folder, caseId, String(label)));
      for (let start = 0; start < patches.length; start += FILES_AT_ONCE) {
        signal?.throwIfAborted();
        const group = patches.slice(start, start + FILES_AT_ONCE);
        await Promise.all(
          group.map(async (patch) => writeFile(join(folder, patchPath(patch)), await encodePng(patch))),
        );
      }
    } catch (error) {
      throw fileError(
        error,
        `cannot write the synthetic case ${join(folder, caseId)}`,
        "free space or choose a folder",
      );
    }
    const idcPatches = patches.filter(({ label }) => label === 1).length;
    cases.push({ caseId, patches: patches.length, idcPatches });
    reporter.progress({ task: "draw-tissue", done: cases.length, total: plans.length, unit: "cases" });
  }
  const sum = (key: "patches" | "idcPatches") => cases.reduce((total, one) => total + one[key], 0);
  return { folder, patches: sum("patches"), idcPatches: sum("idcPatches"), cases };
}

const FILES_AT_ONCE = 16;

/** The approximate share of a slide's cells that have tissue. */
const TISSUE_SHARE = 0.8;

type CohortNumbers = Pick<CohortOptions, "seed" | "cases" | "patchesPerCase">;

/** The drawn properties of one case of the cohort. */
export interface CasePlan {
  caseId: string;
  columns: number;
  rows: number;
  idcShare: number;
  /**
   * Pixels missing from the last column and row of cells, because the scan ends earlier than the grid; 0 = full last
   * cell.
   */
  cutPixels: { right: number; bottom: number };
}

/** Assigns the case ids, and draws the size, tumour share and edges of each case. */
export function planCases({ seed, cases, patchesPerCase = 340 }: CohortNumbers): CasePlan[] {
  if (!Number.isInteger(cases) || cases < 1 || cases > 9_999) {
    throw new UserError(
      "option-invalid",
      `A synthetic cohort of ${counted(cases, "case")} was asked for: ask for a whole number from 1 to 9,999.`,
    );
  }
  if (!(patchesPerCase >= 4 && patchesPerCase <= 10_000)) {
    throw new UserError(
      "option-invalid",
      `${counted(patchesPerCase, "patch")} per case were asked for: ask for a number from 4 to 10,000.`,
    );
  }
  const random = new RandomStream(seed, "synthetic cohort");
  // Most cases have little tumour and a few have much, as in the Kaggle set. Evenly spaced ranks keep small cohorts
  // varied.
  const shares = Array.from({ length: cases }, (_, rank) => 0.05 + 0.75 * ((rank + 0.5) / cases) ** 1.7);
  return random.shuffle(shares).map((idcShare, index) => {
    const cells = (patchesPerCase / TISSUE_SHARE) * random.uniform(0.75, 1.25);
    const columns = Math.max(3, Math.round(Math.sqrt(cells * random.uniform(0.8, 1.3))));
    const rows = Math.max(3, Math.round(cells / columns));
    const cutPixels = { right: random.integer(CELL_PIXELS), bottom: random.integer(CELL_PIXELS) };
    return { caseId: String(90_001 + index), columns, rows, idcShare, cutPixels };
  });
}

/** Draws a case and crops it to its scan. The labels of the cells do not change. */
export function renderCase(seed: number, plan: CasePlan): SyntheticSlide {
  return atOnce(caseSteps(seed, plan));
}

function* caseSteps(seed: number, plan: CasePlan): Generator<void, SyntheticSlide> {
  const slide = yield* slideSteps({ seed, ...plan });
  const width = slide.width - plan.cutPixels.right;
  const height = slide.height - plan.cutPixels.bottom;
  return { ...slide, ...cropImage(slide, { x: 0, y: 0, width, height }) };
}

/** Returns the patches of all cells with tissue, row by row. Patches at the right and bottom edge may be smaller. */
export function* cutPatches(slide: SyntheticSlide, caseId: string): Generator<SyntheticPatch> {
  const columns = Math.ceil(slide.width / CELL_PIXELS);
  for (const [cell, hasTissue] of slide.tissue.entries()) {
    if (hasTissue === 0) continue;
    const left = (cell % columns) * CELL_PIXELS;
    const top = Math.floor(cell / columns) * CELL_PIXELS;
    const width = Math.min(CELL_PIXELS, slide.width - left);
    const height = Math.min(CELL_PIXELS, slide.height - top);
    const label = slide.labels[cell] === 1 ? 1 : 0;
    yield { caseId, x: left + 1, y: top + 1, label, ...cropImage(slide, { x: left, y: top, width, height }) };
  }
}

/** The path of a patch below the dataset's folder, as in the Kaggle set. */
function patchPath({ caseId, x, y, label }: SyntheticPatch): string {
  return join(caseId, String(label), `${caseId}_idx5_x${x}_y${y}_class${label}.png`);
}
