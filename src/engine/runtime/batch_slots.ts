/** Where a classifier's model runs: lanes, each with memory for a block of images, which are taken, filled, run and given back. */
import { LOGIT, PATCHES, PROBABILITY } from "../models/inference.ts";
import type { Session, Tensors } from "./session.ts";

/** Images of a block. Always the same number, filled up with black: the rounding of a matrix product depends on it. */
export const IMAGES_PER_BLOCK = 32;

/** What a model says of a block's images, as it names its outputs: float32 [IMAGES_PER_BLOCK] each. */
export type BlockAnswers = Readonly<Record<typeof PROBABILITY | typeof LOGIT, Float32Array>>;

/** The memory of a lane. */
export interface SlotMemory {
  /** uint8 RGB [IMAGES_PER_BLOCK, height, width, 3]. */
  readonly images: Uint8Array;
  readonly answers: BlockAnswers;
}

export interface Lane extends SlotMemory {
  /** Runs the model on the images, and overwrites the answers. */
  run(): Promise<void>;
}

/** Lanes that belong together; any number of callers share them. */
export class Lanes {
  readonly #free: Lane[];
  readonly #waiting: ((lane: Lane) => void)[] = [];
  readonly #close: () => Promise<void>;

  /** The first lanes are given out first. */
  constructor(lanes: readonly Lane[], close: () => Promise<void>) {
    this.#free = [...lanes];
    this.#close = close;
  }

  /** A lane that nobody else has, until it is given back. */
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

/**
 * One lane on the thread of the session, which it closes.
 * @throws Error if the session's input or output is another than that of models/inference.ts.
 */
export async function ownLane(session: Session, imageSizePixels: number): Promise<Lanes> {
  try {
    requireInterface(session);
  } catch (error) {
    await session.close();
    throw error;
  }
  const memory = blockMemory(new ArrayBuffer(blockBytes(imageSizePixels)));
  const { feeds, results } = tensorsOf(memory, imageSizePixels);
  const lane = { ...memory, run: () => session.run(feeds, results).then(() => {}) };
  return new Lanes([lane], () => session.close());
}

function requireInterface({ inputs, outputNames }: Session): void {
  const [input] = inputs;
  if (inputs.length !== 1 || input?.name !== PATCHES || input.type !== "uint8" || input.shape.length !== 4) {
    throw new Error(`its input is not "${PATCHES}", uint8 [batch, height, width, 3]`);
  }
  const missing = [PROBABILITY, LOGIT].find((name) => !outputNames.includes(name));
  if (missing !== undefined) throw new Error(`it has no output "${missing}"`);
}

const ANSWER_BYTES = IMAGES_PER_BLOCK * Float32Array.BYTES_PER_ELEMENT;

/** Bytes of a lane's memory. */
export function blockBytes(imageSizePixels: number): number {
  return IMAGES_PER_BLOCK * imageSizePixels ** 2 * 3 + 2 * ANSWER_BYTES;
}

/** A lane's memory as it lies in a buffer of `blockBytes`: both kinds of answers, then the images. */
export function blockMemory(buffer: ArrayBufferLike): SlotMemory {
  return {
    answers: {
      [PROBABILITY]: new Float32Array(buffer, 0, IMAGES_PER_BLOCK),
      [LOGIT]: new Float32Array(buffer, ANSWER_BYTES, IMAGES_PER_BLOCK),
    },
    images: new Uint8Array(buffer, 2 * ANSWER_BYTES),
  };
}

/** What a session is given for a lane's memory. */
export function tensorsOf(
  { images, answers }: SlotMemory,
  imageSizePixels: number,
): { feeds: Tensors; results: Tensors } {
  const answer = (name: keyof BlockAnswers) => ({ data: answers[name], shape: [IMAGES_PER_BLOCK] });
  return {
    feeds: { [PATCHES]: { data: images, shape: [IMAGES_PER_BLOCK, imageSizePixels, imageSizePixels, 3] } },
    results: { [PROBABILITY]: answer(PROBABILITY), [LOGIT]: answer(LOGIT) },
  };
}
