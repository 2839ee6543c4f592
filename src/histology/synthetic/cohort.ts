/** A synthetic cohort as a folder in the layout of the Kaggle IDC set; drawing is left to the slide, PNG to the caller. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileError } from "../../system/files.ts";
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
  /** The folder to make; it must not exist yet, or be empty. */
  folder: string;
  seed: number;
  /** How many cases, 1 to 9,999; they are called 90001, 90002 and so on. */
  cases: number;
  /** About how many patches a case has on average (340 unless given); each case has its own number. */
  patchesPerCase?: number;
  /** Encodes a patch as PNG. */
  encodePng: (image: RgbImage) => Promise<Uint8Array>;
  /** Hears which case is done; silent unless given. */
  reporter?: Reporter;
  /** Stops the drawing. */
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

/** One patch of a case, before it is encoded. */
export interface SyntheticPatch extends RgbImage {
  caseId: string;
  /** Left edge, 1-based, = 1 (mod 50), as in the Kaggle file names. */
  x: number;
  /** Top edge, 1-based, = 1 (mod 50). */
  y: number;
  /** 1 = IDC. */
  label: 0 | 1;
}

/**
 * Writes `<caseId>/<0|1>/<caseId>_idx5_x<X>_y<Y>_class<0|1>.png` for every cell with tissue.
 * The share of tumour differs between the cases, from 0.05 to 0.8 of the tissue.
 * @throws UserError if the folder holds files or cannot be written, or a number is out of range; the signal's reason if it is aborted.
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
      for (const label of [0, 1]) await mkdir(join(folder, caseId, String(label)), { recursive: true });
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

/** The share of a slide's cells that have tissue, about. */
const TISSUE_SHARE = 0.8;

type CohortNumbers = Pick<CohortOptions, "seed" | "cases" | "patchesPerCase">;

/** What a case of the cohort will be. */
export interface CasePlan {
  caseId: string;
  columns: number;
  rows: number;
  idcShare: number;
  /** Pixels by which the scan ends before the grid does, on the right and at the bottom; 0 = a whole last cell. */
  cutPixels: { right: number; bottom: number };
}

/** Names the cases and draws the size, the tumour share and the edges of each. */
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
  // Most cases have little tumour and a few have much, as in the Kaggle set; even steps keep small cohorts varied.
  const shares = Array.from({ length: cases }, (_, rank) => 0.05 + 0.75 * ((rank + 0.5) / cases) ** 1.7);
  return random.shuffle(shares).map((idcShare, index) => {
    const cells = (patchesPerCase / TISSUE_SHARE) * random.uniform(0.75, 1.25);
    const columns = Math.max(3, Math.round(Math.sqrt(cells * random.uniform(0.8, 1.3))));
    const rows = Math.max(3, Math.round(cells / columns));
    const cutPixels = { right: random.integer(CELL_PIXELS), bottom: random.integer(CELL_PIXELS) };
    return { caseId: String(90_001 + index), columns, rows, idcShare, cutPixels };
  });
}

/** Draws a case and cuts off what lies beyond its scan. The cells keep their labels. */
export function renderCase(seed: number, plan: CasePlan): SyntheticSlide {
  return atOnce(caseSteps(seed, plan));
}

function* caseSteps(seed: number, plan: CasePlan): Generator<void, SyntheticSlide> {
  const slide = yield* slideSteps({ seed, ...plan });
  const width = slide.width - plan.cutPixels.right;
  const height = slide.height - plan.cutPixels.bottom;
  return { ...slide, ...cropImage(slide, { x: 0, y: 0, width, height }) };
}

/** The patches of a slide's cells with tissue, row by row; those at the right and bottom edge may be narrower. */
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

/** The path of a patch inside of the data set's folder, as the Kaggle set names it. */
function patchPath({ caseId, x, y, label }: SyntheticPatch): string {
  return join(caseId, String(label), `${caseId}_idx5_x${x}_y${y}_class${label}.png`);
}
