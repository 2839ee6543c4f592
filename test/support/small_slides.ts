/** Many small slides that all differ, a few of them damaged, made in milliseconds each. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderSlide } from "../../src/histology/synthetic/slide.ts";
import { cut } from "../histology/slide/support/pictures.ts";
import { rgbPng } from "./png.ts";

const SIDE = 100;

/** One of so many slides is damaged. */
const DAMAGED_EVERY = 25;

/** Whether the slide with this index, from 0, is damaged: its file ends too early. */
export const isDamaged = (index: number): boolean => index % DAMAGED_EVERY === DAMAGED_EVERY / 2 - 0.5;

/** The name of the slide with this index, without its extension. */
export const slideName = (index: number): string => `slide-${String(index + 1).padStart(5, "0")}`;

/**
 * Writes slides of 100 x 100 pixels. The same index gives the same bytes.
 * @param count up to 40,000
 */
export function writeSmallSlides(folder: string, count: number): void {
  const tissue = renderSlide({ seed: 5, caseId: "small slides", columns: 9, rows: 7, idcShare: 0.4 });
  const [across, down] = [tissue.width - SIDE, tissue.height - SIDE];
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < count; index++) {
    // The steps have no common divisor with the numbers of places, so no place comes twice, and neighbours differ.
    const [x, y] = [(index * 101) % across, (Math.floor(index / across) * 83 + index * 7) % down];
    const { data } = cut(tissue, { x, y, width: SIDE, height: SIDE });
    const png = rgbPng(SIDE, SIDE, (sample) => data[sample]!);
    const bytes = isDamaged(index) ? png.subarray(0, png.length / 2) : png;
    writeFileSync(join(folder, `${slideName(index)}.png`), bytes);
  }
}
