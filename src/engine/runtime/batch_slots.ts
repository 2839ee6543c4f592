/**
 * Lanes on which a classifier's model runs. Each lane has memory for one block of images. A caller takes a lane, fills
 * it, runs it and gives it back.
 */
import { LOGIT, PATCHES, PROBABILITY } from "../models/inference.ts";
import type { Session, Tensors } from "./session.ts";

/**
 * The number of images per block. It is always the same, and missing images are black: the rounding of a matrix product
 * depends on it.
 */
export const IMAGES_PER_BLOCK = 32;

/** The model's answers for the images of a block, by output name: float32 [IMAGES_PER_BLOCK] each. */
export type BlockAnswers = Readonly<Record<typeof PROBABILITY | typeof LOGIT, Float32Array>>;

/** The memory of a lane. */
export interface SlotMemory {
  /** uint8 RGB [IMAGES_PER_BLOCK, height, width, 3]. */
  readonly images: Uint8Array;
  readonly answers: BlockAnswers;
}

export interface Lane extends SlotMemory {
  /** Runs the model on the images and overwrites the answers. */
  run(): Promise<void>;
}

/** A set of lanes that any number of callers share. */
export class Lanes {
  readonly #free: Lane[];
  readonly #waiting: ((lane: Lane) => void)[] = [];
  readonly #close: () => Promise<void>;

  /** The first lanes of the list are used first. */
  constructor(lanes: readonly Lane[], close: () => Promise<void>) {
    this.#free = [...lanes];
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

/**
 * One lane on the thread of the session. Closing the lanes closes the session.
 * @throws Error if the session's input or output differs from that in models/inference.ts.
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

/** The number of bytes of a lane's memory. */
export function blockBytes(imageSizePixels: number): number {
  return IMAGES_PER_BLOCK * imageSizePixels ** 2 * 3 + 2 * ANSWER_BYTES;
}

/** Views of a lane's memory in a buffer of `blockBytes` bytes: first both kinds of answers, then the images. */
export function blockMemory(buffer: ArrayBufferLike): SlotMemory {
  return {
    answers: {
      [PROBABILITY]: new Float32Array(buffer, 0, IMAGES_PER_BLOCK),
      [LOGIT]: new Float32Array(buffer, ANSWER_BYTES, IMAGES_PER_BLOCK),
    },
    images: new Uint8Array(buffer, 2 * ANSWER_BYTES),
  };
}

/** The inputs and outputs of a session for a lane's memory. */
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
