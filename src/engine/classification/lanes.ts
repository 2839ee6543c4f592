/**
 * Lanes on which a classifier's model runs. Each lane has memory for one block of images. A caller takes a lane, fills
 * it, runs it and gives it back.
 */
import { LOGIT, PATCH_FEATURES, PROBABILITY } from "../models/inference.ts";

/** The images of a full block. */
export const IMAGES_PER_BLOCK = 32;

/**
 * The model's answers for the images of a block, by output name: float32 [IMAGES_PER_BLOCK] each, and the features,
 * float32 [IMAGES_PER_BLOCK, axes], of no axes if the model has no such output.
 */
export type BlockAnswers = Readonly<Record<typeof PROBABILITY | typeof LOGIT | typeof PATCH_FEATURES, Float32Array>>;

/** The memory of a lane. */
export interface SlotMemory {
  /** uint8 RGB [IMAGES_PER_BLOCK, height, width, 3]. */
  readonly images: Uint8Array;
  readonly answers: BlockAnswers;
}

export interface Lane extends SlotMemory {
  /** Runs the model on the first `count` images and overwrites their answers. */
  run(count: number): Promise<void>;
}

/** A set of lanes that any number of callers share. */
export class Lanes {
  readonly #free: Lane[];
  readonly #waiting: ((lane: Lane) => void)[] = [];
  readonly #close: () => Promise<void>;

  /** The number of runs into which the images of one block are shared out. */
  readonly shares: number;

  /** The first lanes of the list are used first. */
  constructor(lanes: readonly Lane[], shares: number, close: () => Promise<void>) {
    this.#free = [...lanes];
    this.shares = shares;
    this.#close = close;
  }

  /** Waits for a free lane. Nobody else uses it until it is given back. */
  async take(): Promise<Lane> {
    return this.#free.shift() ?? new Promise((found) => this.#waiting.push(found));
  }

  give(lane: Lane): void {
    const next = this.#waiting.shift();
    if (next) next(lane);
    else this.#free.push(lane);
  }

  close(): Promise<void> {
    return this.#close();
  }
}

const ANSWER_BYTES = IMAGES_PER_BLOCK * Float32Array.BYTES_PER_ELEMENT;

/** The sizes of an image and of its answers, and of the blocks that run. */
export interface BlockSize {
  readonly imageSizePixels: number;
  /**
   * Whether an image has the same bits in a block of any size. Otherwise every run has a full block, in which missing
   * images are black.
   */
  readonly anyBlockSize: boolean;
  /** The number of axes of the model's features. */
  readonly axes: number;
}

/** The number of bytes of a lane's memory. */
export function blockBytes({ imageSizePixels, axes }: BlockSize): number {
  return IMAGES_PER_BLOCK * imageSizePixels ** 2 * 3 + (2 + axes) * ANSWER_BYTES;
}

/** Views of a lane's memory in a buffer of `blockBytes` bytes: first all kinds of answers, then the images. */
export function blockMemory(buffer: ArrayBufferLike, { axes }: BlockSize): SlotMemory {
  return {
    answers: {
      [PROBABILITY]: new Float32Array(buffer, 0, IMAGES_PER_BLOCK),
      [LOGIT]: new Float32Array(buffer, ANSWER_BYTES, IMAGES_PER_BLOCK),
      [PATCH_FEATURES]: new Float32Array(buffer, 2 * ANSWER_BYTES, axes * IMAGES_PER_BLOCK),
    },
    images: new Uint8Array(buffer, (2 + axes) * ANSWER_BYTES),
  };
}
