/**
 * Scores a slide: finds the tissue, lays a grid of patches over it, and runs the model on the patches with tissue. It
 * runs in Node and in a browser; the caller passes in the classifier. Other files write the results.
 */
import type { ModelCard } from "../artifacts/model_card.ts";
import type { ScoreKeeper } from "../artifacts/score_keeper.ts";
import type { Classifier } from "../engine/classification/classifier.ts";
import { recordBytes, recordSideOf } from "../histology/dataset/record.ts";
import { type Grid, gridOf, squaresInGrid } from "../histology/slide/grid.ts";
import { blocksOf, type CutBlock, type PatchBlock, readBlock } from "../histology/slide/patches.ts";
import { type SlideScores, scoredCells } from "../histology/slide/scores.ts";
import type { Slide } from "../histology/slide/slide.ts";
import { DEFAULT_MIN_TISSUE, findTissue, tissueShares } from "../histology/slide/tissue.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { inTurns } from "../util/turns.ts";
import { withNeighbours } from "./neighbours.ts";

/** A model that can classify patches. */
export interface ScoringModel {
  readonly card: ModelCard;
  readonly classifier: Classifier;
}

/** How to score a slide. */
export interface ScoringOptions {
  /** The width of a model pixel in pixels of level 0; see `scaleOf`. */
  readonly scale: number;
  /** The distance between neighbouring patches in model pixels; by default the side of a patch. */
  readonly stride?: number;
  /** The minimum share of tissue for a patch to be scored; 0.02 by default. */
  readonly minTissue?: number;
  /** The slide's name in errors and progress. */
  readonly name?: string;
  /** Is called with cells as soon as they are scored. */
  readonly onScored?: ((scored: ScoredCells) => void) | undefined;
}

/** Some cells that were just scored. */
export interface ScoredCells {
  readonly cells: Uint32Array;
  /**
   * float32 [cells] Their probabilities. If the model uses neighbours, these are of each patch alone, and the result has
   * other ones.
   */
  readonly probabilities: Float32Array;
  /** The number of cells that are scored so far, of `total`. */
  readonly done: number;
  readonly total: number;
}

const KEEPS_NOTHING: ScoreKeeper = { begun: undefined, keep: async () => {} };

/**
 * Scores the tissue of a slide. `evaluate` gives the same probability for the same pixels (with the same neighbours, if
 * the model uses them).
 * @throws UserError if no tissue is found, the stride does not fit the model, or the slide is damaged; the signal's
 *   reason if it is aborted.
 */
export async function scoreSlide(
  model: ScoringModel,
  slide: Slide,
  options: ScoringOptions,
  { reporter, signal }: Context,
  keeper: ScoreKeeper = KEEPS_NOTHING,
): Promise<SlideScores> {
  const side = recordSideOf(model.card);
  const { scale, stride = side, minTissue = DEFAULT_MIN_TISSUE, name = "the slide", onScored } = options;
  requireNeighbours(model, { side, stride });
  const grid = gridOf(slide, { scale, side, stride });
  const tissue = await findTissue(slide, grid, (done, total) => {
    signal.throwIfAborted();
    reporter.progress({ task: "find-tissue", subject: name, done, total, unit: "rows" });
  });
  const shares = tissueShares(tissue, grid);
  if (!shares.some((share) => share >= minTissue)) {
    throw new UserError(
      "tissue-missing",
      `No tissue was found in ${name}: no patch has a share of ${minTissue} that is darker than glass; lower --min-tissue, or check the scale.`,
    );
  }
  const isWanted = (cell: number) => shares[cell]! >= minTissue;
  const answers = await answerCells(model, slide, { grid, isWanted, name, onScored }, { reporter, signal }, keeper);
  await useNeighbours(model, { grid, answers }, signal);
  return { grid, tissue, tissueShares: shares, probabilities: answers };
}

/** Converts logits to probabilities in place, if the model uses neighbours. */
async function useNeighbours(
  { card: { neighbourhood, temperature } }: ScoringModel,
  { grid, answers }: { readonly grid: Grid; readonly answers: Float32Array },
  signal: AbortSignal,
): Promise<void> {
  if (!neighbourhood) return;
  const cells = Uint32Array.from(scoredCells({ probabilities: answers }));
  const sumSquares = squaresInGrid(grid, answers, neighbourhood.reach);
  const found = await inTurns(withNeighbours({ neighbourhood, temperature }, answers, sumSquares, cells), signal);
  for (const [place, cell] of cells.entries()) answers[cell] = found[place]!;
}

/** Neighbours are whole patch sides away. A grid contains them only if the side is a multiple of the stride. */
function requireNeighbours({ card }: ScoringModel, { side, stride }: Pick<Grid, "side" | "stride">): void {
  if (!card.neighbourhood || side % stride === 0) return;
  const divisors = Array.from({ length: side }, (_, index) => side - index).filter((one) => side % one === 0);
  throw new UserError(
    "option-invalid",
    `This model uses neighbours, which lie ${side} pixels away: --stride must divide that (${divisors.slice(0, 3).join(", ")} ...), and is ${stride}.`,
  );
}

interface Wanted {
  readonly grid: Grid;
  readonly isWanted: (cell: number) => boolean;
  /** The slide's name in progress messages. */
  readonly name: string;
  readonly onScored: ScoringOptions["onScored"];
}

/**
 * The model's answer for each cell alone: its probability, or its logit if the model uses neighbours. float32 [rows,
 * columns]; NaN if the cell is not wanted.
 */
async function answerCells(
  { card, classifier }: ScoringModel,
  slide: Slide,
  { grid, isWanted, name, onScored }: Wanted,
  { reporter, signal }: Context,
  keeper: ScoreKeeper,
): Promise<Float32Array> {
  const answers = keeper.begun ?? new Float32Array(grid.rows * grid.columns).fill(Number.NaN);
  const done = answers.reduce((count, answer) => count + (Number.isNaN(answer) ? 0 : 1), 0);
  const blocks = blocksOf(slide, grid, (cell) => isWanted(cell) && Number.isNaN(answers[cell]));
  const order = joined(blocks);
  const total = done + order.length;
  const patches = patchesOf(slide, grid, blocks);
  const patchBytes = recordBytes(grid.side);
  const read = async (_: number, count: number, into: Uint8Array) => {
    signal.throwIfAborted();
    await keeper.keep(answers, false);
    for (let place = 0; place < count; place++) {
      const { block, index } = (await patches.next()).value!;
      block.copy(index, into, place * patchBytes);
    }
  };
  try {
    await classifier.classify(order.length, read, ({ first, probabilities, logits, done: now }) => {
      const found = card.neighbourhood ? logits : probabilities;
      for (const [place, answer] of found.entries()) answers[order[first + place]!] = answer;
      const cells = order.subarray(first, first + probabilities.length);
      onScored?.({ cells, probabilities, done: done + now, total });
      reporter.progress({ task: "score", subject: name, done: done + now, total, unit: "patches" });
    });
  } catch (error) {
    if (signal.aborted) await keeper.keep(answers, true);
    throw error;
  }
  return answers;
}

/** The cells of all blocks, one block after the other. */
function joined(blocks: readonly PatchBlock[]): Uint32Array {
  const cells = new Uint32Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    cells.set(block, at);
    at += block.length;
  }
  return cells;
}

/** A patch, as an index into its block. */
interface Patch {
  readonly block: CutBlock;
  readonly index: number;
}

/**
 * The patches of the blocks, one after the other. While the caller takes the patches of one block, the next block is
 * already being read.
 */
async function* patchesOf(slide: Slide, grid: Grid, blocks: readonly PatchBlock[]): AsyncGenerator<Patch, undefined> {
  let next = blocks[0] && readAhead(slide, grid, blocks[0]);
  for (const place of blocks.keys()) {
    const block = await next!();
    const following = blocks[place + 1];
    next = following && readAhead(slide, grid, following);
    for (const index of block.cells.keys()) yield { block, index };
  }
}

/** Starts to read a block. An error is thrown only when the result is requested. */
function readAhead(slide: Slide, grid: Grid, cells: PatchBlock): () => Promise<CutBlock> {
  const reading = readBlock(slide, grid, cells);
  reading.catch(() => {});
  return () => reading;
}
