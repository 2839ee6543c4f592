/** The table of a scored slide: one row per scored patch. */
import { cornerOf } from "../../histology/slide/patches.ts";
import { type SlideScores, scoredCells } from "../../histology/slide/scores.ts";
import { csvLine } from "../../util/csv_text.ts";
import type { ClassWords } from "../class_words.ts";
import { exactDecimal } from "../prediction.ts";

/** A whole table in memory would be the most memory that a large slide needs. */
const ROWS_PER_PART = 16_384;

/**
 * CSV with the columns of WSInfer (Kaczmarzyk et al. 2024): one row per patch, with positions in pixels of level 0, and
 * one probability per class. In parts, which are the table one after the other.
 */
export function* probabilitiesCsv(
  scores: Pick<SlideScores, "grid" | "probabilities">,
  words: ClassWords,
): Generator<string> {
  const { grid, probabilities } = scores;
  const side = Math.round(grid.side * grid.scale);
  let lines = [csvLine(["minx", "miny", "width", "height", ...probabilityColumns(words)])];
  for (const cell of scoredCells(scores)) {
    if (lines.length === ROWS_PER_PART) {
      yield `${lines.join("\n")}\n`;
      lines = [];
    }
    const { x, y } = cornerOf(grid, cell);
    const probability = exactDecimal(probabilities[cell]!);
    const none = exactDecimal(1 - probability);
    lines.push([Math.round(x * grid.scale), Math.round(y * grid.scale), side, side, none, probability].join());
  }
  yield `${lines.join("\n")}\n`;
}

/** "prob_noIDC" and "prob_IDC". Spaces are removed from the class names, unless that makes both names the same. */
function probabilityColumns({ negative, positive }: ClassWords): string[] {
  const names = [negative, positive].map((name) => name.replaceAll(" ", ""));
  return (names[0] === names[1] ? [negative, positive] : names).map((name) => `prob_${name}`);
}
