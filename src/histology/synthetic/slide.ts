/** Draws a whole synthetic slide at the scale of the Kaggle IDC set. cohort.ts writes its patches to a folder. */
import { RandomStream } from "../../system/random.ts";
import { atOnce } from "../../util/turns.ts";
import { CELL_PIXELS, labelCells, layOut } from "./anatomy.ts";
import { createCanvas } from "./canvas.ts";
import { drawDucts, drawLobules, drawLymphocytes } from "./glands.ts";
import { developStain, drawStain } from "./stain.ts";
import { drawFat, drawFibroblasts, Fibres, paintCollagen } from "./stroma.ts";
import { drawTumour } from "./tumour.ts";

export interface SyntheticSlideOptions {
  /** Seed and case id together determine the slide: the same two values give the same pixels. */
  seed: number;
  caseId: string;
  /** Number of 50 x 50 pixel cells from left to right. A cell is about 200 um wide. */
  columns: number;
  /** Number of cells from top to bottom. */
  rows: number;
  /** The share of the tissue that is invasive tumour, 0 to 1. */
  idcShare: number;
}

export interface SyntheticSlide {
  /** Pixels, 50 per column. */
  width: number;
  /** Pixels, 50 per row. */
  height: number;
  /** RGB, three bytes per pixel, row-major. */
  data: Uint8Array;
  /** One byte per cell, row-major: 1 = IDC (tumour is most of the cell's tissue). */
  labels: Uint8Array;
  /** One byte per cell, row-major: 1 = tissue covers at least a quarter of the cell. */
  tissue: Uint8Array;
}

/**
 * Draws a procedural section of breast tissue that looks as if stained with hematoxylin and eosin: fat, collagen,
 * lobules, ducts, lymphocytes and invasive tumour. Each case has a different stain. It resembles tissue enough to
 * exercise a classifier, but contains no patient data. No medical conclusion can be drawn from it.
 */
export function renderSlide(options: SyntheticSlideOptions): SyntheticSlide {
  return atOnce(slideSteps(options));
}

/** Like `renderSlide`, as a generator with one kind of tissue per step. */
export function* slideSteps({
  seed,
  caseId,
  columns,
  rows,
  idcShare,
}: SyntheticSlideOptions): Generator<void, SyntheticSlide> {
  const stream = (purpose: string) => new RandomStream(seed, "synthetic slide", caseId, purpose);
  const [width, height] = [columns * CELL_PIXELS, rows * CELL_PIXELS];
  const anatomy = layOut(stream("anatomy"), width, height, idcShare);
  const canvas = createCanvas(width, height);
  const character = stream("character");
  const fibres = new Fibres(stream("fibres"));
  paintCollagen(canvas, anatomy, fibres, stream("collagen"));
  yield;
  drawFibroblasts(canvas, anatomy, fibres, stream("fibroblasts"));
  yield;
  drawFat(canvas, anatomy, stream("fat"), character.uniform(0.03, 0.22));
  yield;
  drawLobules(canvas, anatomy, stream("lobules"), character.uniform(0.65, 1));
  yield;
  drawDucts(canvas, anatomy, stream("ducts"));
  yield;
  const growth = {
    cords: character.uniform(-1, 1),
    solidity: character.uniform(-1, 1),
    chromatin: character.uniform(0.6, 0.95),
  };
  drawTumour(canvas, anatomy, fibres, stream("tumour"), growth);
  yield;
  drawLymphocytes(canvas, anatomy, stream("lymphocytes"), character.uniform(0.4, 0.85));
  yield;
  const data = developStain(canvas, drawStain(stream("stain")), stream("film"));
  return { width, height, data, ...labelCells(anatomy) };
}
