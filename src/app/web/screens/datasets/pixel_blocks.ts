/**
 * The pixels of the patches of an order, in blocks of neighbouring positions. What is shown is fetched first, then what
 * lies ahead in the direction of the scroll. A bounded number of blocks stays in memory.
 */
import type { BlockAnswer, BlockRequest } from "./pixels_worker.ts";

/** More pixels per request only make the first picture later. */
const BLOCK_BYTES = 360_000;
const MOST_IN_BLOCK = 48;
const MOST_REQUESTS = 3;
const MOST_BLOCKS_IN_REQUEST = 4;
const MOST_MEMORY_BYTES = 128 * 1024 * 1024;
/** How many windows ahead are fetched, and how many behind. */
const [AHEAD, BEHIND] = [3, 1];
const RETRY_MILLISECONDS = 2000;

/** A picture with the patch's pixels from `top` on. */
export interface PatchPicture {
  readonly picture: ImageBitmap;
  readonly top: number;
}

export interface BlockSource {
  /** The id of the dataset. */
  readonly dataset: string;
  readonly side: number;
  readonly records: Uint32Array;
  /** Pixels per side in the pictures. */
  readonly shown: number;
}

export class PixelBlocks {
  readonly #source: BlockSource;
  readonly #perBlock: number;
  readonly #mostBlocks: number;
  readonly #worker: Worker;
  /** In the order of their last use. */
  readonly #pictures = new Map<number, ImageBitmap>();
  readonly #requested = new Set<number>();
  #requests = 0;
  #queue: number[] = [];

  /** @param onArrive called with the range of positions whose pixels have come */
  constructor(source: BlockSource, onArrive: (first: number, end: number) => void) {
    this.#source = source;
    const { side, shown } = source;
    this.#perBlock = Math.min(MOST_IN_BLOCK, Math.max(1, Math.floor(BLOCK_BYTES / (side * side * 3))));
    this.#mostBlocks = Math.max(16, Math.floor(MOST_MEMORY_BYTES / (shown * shown * 4 * this.#perBlock)));
    this.#worker = new Worker(new URL("./pixels_worker.ts", import.meta.url), { type: "module" });
    this.#worker.addEventListener("message", ({ data: { first, blocks, pictures } }: MessageEvent<BlockAnswer>) => {
      const own = Array.from({ length: blocks }, (_, index) => first + index);
      const free = () => {
        for (const block of own) this.#requested.delete(block);
      };
      this.#requests--;
      for (const [index, block] of own.entries()) if (pictures) this.#pictures.set(block, pictures[index]!);
      if (pictures) free();
      else setTimeout(free, RETRY_MILLISECONDS);
      if (pictures) onArrive(first * this.#perBlock, (first + blocks) * this.#perBlock);
      this.#request();
    });
  }

  /** The pixels of the patch at a position, if they have come. */
  at(position: number): PatchPicture | undefined {
    const picture = this.#pictures.get(Math.floor(position / this.#perBlock));
    return picture && { picture, top: (position % this.#perBlock) * this.#source.shown };
  }

  /** Fetches the pixels of the positions that are shown, and those ahead of them. @param isForward the direction */
  want(first: number, end: number, isForward: boolean): void {
    const window = end - first;
    const [before, after] = isForward ? [BEHIND, AHEAD] : [AHEAD, BEHIND];
    const shown = this.#blocks(first, end);
    const later = this.#blocks(end, end + after * window);
    const earlier = this.#blocks(first - before * window, first).reverse();
    this.#keep(shown);
    const wanted = isForward ? [...shown, ...later, ...earlier] : [...shown.reverse(), ...earlier, ...later];
    this.#queue = [...new Set(wanted)].filter((block) => !this.#pictures.has(block));
    this.#request();
  }

  /** Frees everything. */
  close(): void {
    this.#worker.terminate();
    for (const picture of this.#pictures.values()) picture.close();
    this.#pictures.clear();
  }

  #blocks(first: number, end: number): number[] {
    const { length } = this.#source.records;
    const from = Math.floor(Math.max(0, first) / this.#perBlock);
    const to = Math.ceil(Math.min(end, length) / this.#perBlock);
    return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
  }

  /** Marks blocks as used now, and drops those that were used longest ago. */
  #keep(blocks: readonly number[]): void {
    for (const block of blocks) {
      const picture = this.#pictures.get(block);
      if (!picture) continue;
      this.#pictures.delete(block);
      this.#pictures.set(block, picture);
    }
    for (const [block, picture] of this.#pictures) {
      if (this.#pictures.size <= this.#mostBlocks) return;
      picture.close();
      this.#pictures.delete(block);
    }
  }

  #request(): void {
    const { dataset, side, shown, records } = this.#source;
    const perBlock = this.#perBlock;
    while (this.#requests < MOST_REQUESTS) {
      this.#queue = this.#queue.filter((block) => !this.#requested.has(block));
      const group = neighbouring(this.#queue);
      if (group.length === 0) return;
      for (const block of group) this.#requested.add(block);
      const first = Math.min(...group);
      const own = records.subarray(first * perBlock, (first + group.length) * perBlock);
      const address = new URL(`/api/datasets/${dataset}/pixels?records=${own.join(",")}`, location.href).href;
      const request: BlockRequest = { first, blocks: group.length, perBlock, address, side, count: own.length, shown };
      this.#requests++;
      this.#worker.postMessage(request);
    }
  }
}

/** The first blocks of a queue that follow each other, up or down: one request for all of them costs less. */
function neighbouring(queue: readonly number[]): readonly number[] {
  const step = (queue[1] ?? 0) - (queue[0] ?? 0);
  const end = queue.findIndex((block, place) => place > 0 && block - queue[place - 1]! !== step);
  const run = Math.abs(step) === 1 ? queue.slice(0, end < 0 ? queue.length : end) : queue.slice(0, 1);
  return run.slice(0, MOST_BLOCKS_IN_REQUEST);
}
