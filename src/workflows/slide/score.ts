/** Scores a slide: finds its tissue, lays a grid of patches over it and runs the model on those with tissue; files are left to others. */
import { recordSideOf } from "../../artifacts/model_card.ts";
import type { OpenModel } from "../../artifacts/model_file.ts";
import type { ScoreKeeper } from "../../artifacts/partial_scores.ts";
import { recordBytes } from "../../histology/dataset/record.ts";
import { type Grid, gridOf } from "../../histology/slide/grid.ts";
import { blocksOf, type CutBlock, cornerOf, type PatchBlock, readBlock } from "../../histology/slide/patches.ts";
import type { Slide } from "../../histology/slide/slide.ts";
import { findTissue, tissueShares } from "../../histology/slide/tissue.ts";
import { DEFAULT_MIN_TISSUE } from "../../options/slide.ts";
import type { SlideScores } from "../../reports/slide/scores.ts";
import type { Context } from "../../util/context.ts";
import { UserError } from "../../util/errors.ts";
import { answersOf, withNeighbours } from "../classify.ts";

/** How a slide is to be scored. */
export interface ScoringOptions {
  /** Pixels of level 0 that a model pixel is wide; see `scaleOf`. */
  readonly scale: number;
  /** Model pixels from one patch to the next; a patch's side unless given. */
  readonly stride?: number;
  /** The share of a patch that must be tissue for it to be scored; .02 unless given. */
  readonly minTissue?: number;
  /** How errors and progress name the slide. */
  readonly name?: string;
}

const KEEPS_NOTHING: ScoreKeeper = { begun: undefined, keep: async () => {} };

/**
 * Scores the tissue of a slide. A patch's probability is that of `evaluate` for the same pixels (with the same neighbours,
 * if the model uses them).
 * @throws UserError if no tissue is found, the stride does not suit the model, or the slide is damaged; the signal's reason
 * if it is aborted.
 */
export async function scoreSlide(
  model: OpenModel,
  slide: Slide,
  options: ScoringOptions,
  { reporter, signal }: Context,
  keeper: ScoreKeeper = KEEPS_NOTHING,
): Promise<SlideScores> {
  const side = recordSideOf(model.card);
  const { scale, stride = side, minTissue = DEFAULT_MIN_TISSUE, name = "the slide" } = options;
  requireNeighbours(model, { side, stride });
  const grid = gridOf(slide, { scale, side, stride });
  const tissue = await findTissue(slide, grid, (done, total) => {
    signal.throwIfAborted();
    reporter.progress({ task: "find-tissue", subject: name, done, total, unit: "rows" });
  });
  const shares = tissueShares(tissue, grid);
  const cells = Uint32Array.from(shares.keys().filter((cell) => shares[cell]! >= minTissue));
  if (cells.length === 0) {
    throw new UserError(
      "tissue-missing",
      `No tissue was found in ${name}: no patch has a share of ${minTissue} that is darker than glass; lower --min-tissue, or check the scale.`,
    );
  }
  const answers = await answerCells(model, slide, { grid, cells, name }, { reporter, signal }, keeper);
  const places = Array.from(cells, (cell) => ({ caseId: "", ...cornerOf(grid, cell) }));
  const probabilities = withNeighbours(
    model.card,
    places,
    Float32Array.from(cells, (cell) => answers[cell]!),
  );
  return { grid, tissue, tissueShares: shares, cells, probabilities };
}

/** Neighbours are the patches a whole patch away, which a grid only has if that is a number of strides. */
function requireNeighbours({ card }: OpenModel, { side, stride }: Pick<Grid, "side" | "stride">): void {
  if (!card.neighbourhood || side % stride === 0) return;
  const divisors = Array.from({ length: side }, (_, index) => side - index).filter((one) => side % one === 0);
  throw new UserError(
    "option-invalid",
    `This model uses neighbours, which lie ${side} pixels away: --stride must divide that (${divisors.slice(0, 3).join(", ")} ...), and is ${stride}.`,
  );
}

/** The model's own answers: float32 [rows, columns], NaN if a cell is not among those wanted. */
async function answerCells(
  model: OpenModel,
  slide: Slide,
  { grid, cells, name }: { grid: Grid; cells: Uint32Array; name: string },
  { reporter, signal }: Context,
  keeper: ScoreKeeper,
): Promise<Float32Array> {
  const answers = keeper.begun ?? new Float32Array(grid.rows * grid.columns).fill(Number.NaN);
  const open = new Set(cells.values().filter((cell) => Number.isNaN(answers[cell]!)));
  const done = cells.length - open.size;
  const blocks = blocksOf(slide, grid, (cell) => open.has(cell));
  const order = blocks.flatMap((block) => [...block]);
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
    await answersOf(model)(open.size, read, (found) => {
      for (const [place, answer] of found.answers.entries()) answers[order[found.first + place]!] = answer;
      reporter.progress({
        task: "score",
        subject: name,
        done: done + found.done,
        total: cells.length,
        unit: "patches",
      });
    });
  } catch (error) {
    if (signal.aborted) await keeper.keep(answers, true);
    throw error;
  }
  return answers;
}

/** A patch of a block, by its place there. */
interface Patch {
  readonly block: CutBlock;
  readonly index: number;
}

/** The patches of the blocks, one after the other. The next block is read while those of one are taken. */
async function* patchesOf(slide: Slide, grid: Grid, blocks: readonly PatchBlock[]): AsyncGenerator<Patch, undefined> {
  let next = blocks[0] && readAhead(slide, grid, blocks[0]);
  for (const place of blocks.keys()) {
    const block = await next!();
    const following = blocks[place + 1];
    next = following && readAhead(slide, grid, following);
    for (const index of block.cells.keys()) yield { block, index };
  }
}

/** Begins to read; an error waits until it is asked for. */
function readAhead(slide: Slide, grid: Grid, cells: PatchBlock): () => Promise<CutBlock> {
  const reading = readBlock(slide, grid, cells);
  reading.catch(() => {});
  return () => reading;
}
