/** Runs a model on the images of a block, in one session or in two parts. */
import type { Front } from "../inference/front.ts";
import { FRONT, LOGIT, PATCH_FEATURES, PATCHES, PROBABILITY } from "../models/inference.ts";
import type { NamedTensor, Session } from "../runtime/session.ts";
import { type BlockSize, blockBytes, blockMemory, IMAGES_PER_BLOCK, Lanes, type SlotMemory } from "./lanes.ts";

/** A model that is ready to run on blocks. */
export interface BlockModel {
  /** The number of axes of the model's features; 0 if the model has none. */
  readonly axes: number;
  /** Runs the model on the first `count` images of a lane's memory, and writes their answers. */
  run(memory: SlotMemory, count: number): Promise<void>;
  close(): Promise<void>;
}

/** The input of the session for a number of images. */
interface SessionInput {
  readonly name: string;
  tensorOf(images: Uint8Array, count: number): NamedTensor;
}

/**
 * @param session the whole model, or the rest of it behind the front
 * @param size.piece the number of images that a run of the session has at most
 * @throws Error if the session's input or output differs from that in models/inference.ts. It is closed then.
 */
export async function blockModel(
  session: Session,
  front: Front | undefined,
  size: Omit<BlockSize, "axes"> & { readonly piece: number },
): Promise<BlockModel> {
  const input = front ? frontInput(front) : imageInput(size.imageSizePixels);
  try {
    requireInterface(session, input.name);
  } catch (error) {
    await session.close();
    throw error;
  }
  const axes = featureAxesOf(session);
  return {
    axes,
    run: (memory, count) => runBlock({ session, input, piece: size.piece }, memory, { ...size, axes }, count),
    close: () => session.close(),
  };
}

/** One lane on this thread. Closing the lanes closes the model. */
export function ownLane(model: BlockModel, size: Omit<BlockSize, "axes">): Lanes {
  const block = { ...size, axes: model.axes };
  const memory = blockMemory(new ArrayBuffer(blockBytes(block)), block);
  return new Lanes([{ ...memory, run: (count) => model.run(memory, count) }], 1, () => model.close());
}

const imageInput = (side: number): SessionInput => ({
  name: PATCHES,
  tensorOf: (images, count) => ({ data: images.subarray(0, count * side * side * 3), shape: [count, side, side, 3] }),
});

const frontInput = (front: Front): SessionInput => ({
  name: FRONT,
  tensorOf: (images, count) => ({ data: front.run(images, count), shape: [count, ...front.shape] }),
});

function requireInterface({ inputs, outputNames }: Session, name: string): void {
  const [input] = inputs;
  const type = name === PATCHES ? "uint8" : "float32";
  if (inputs.length !== 1 || input?.name !== name || input.type !== type || input.shape.length !== 4) {
    throw new Error(`its input is not "${name}", ${type} [batch, height, width, channels]`);
  }
  const missing = [PROBABILITY, LOGIT].find((one) => !outputNames.includes(one));
  if (missing !== undefined) throw new Error(`it has no output "${missing}"`);
}

function featureAxesOf({ outputs }: Session): number {
  const axes = outputs.find(({ name }) => name === PATCH_FEATURES)?.shape[1] ?? 0;
  return typeof axes === "number" ? axes : 0;
}

async function runBlock(
  { session, input, piece }: { readonly session: Session; readonly input: SessionInput; readonly piece: number },
  { images, answers }: SlotMemory,
  { imageSizePixels, axes, anyBlockSize }: BlockSize,
  count: number,
): Promise<void> {
  const block = anyBlockSize ? count : IMAGES_PER_BLOCK;
  const imageBytes = imageSizePixels ** 2 * 3;
  images.fill(0, count * imageBytes, block * imageBytes);
  for (let first = 0; first < block; first += piece) {
    const size = Math.min(piece, block - first);
    const part = (data: Float32Array, each = 1) => data.subarray(first * each, (first + size) * each);
    const into: Record<string, NamedTensor> = {
      [PROBABILITY]: { data: part(answers[PROBABILITY]), shape: [size] },
      [LOGIT]: { data: part(answers[LOGIT]), shape: [size] },
    };
    if (axes > 0) into[PATCH_FEATURES] = { data: part(answers[PATCH_FEATURES], axes), shape: [size, axes] };
    const own = images.subarray(first * imageBytes, (first + size) * imageBytes);
    await session.run({ [input.name]: input.tensorOf(own, size) }, into);
  }
}
