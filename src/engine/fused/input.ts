/**
 * Prepares a step's images for the first block. ONNX Runtime resizes, recolours and scales them on one thread. A kernel
 * moves them, which is four times as fast as ONNX Runtime's GridSample.
 */
import { FILL_MODES, NEAREST } from "../nn/fill.ts";
import { openGraph } from "../runtime/node/session.ts";
import type { NamedTensor, Session } from "../runtime/session.ts";
import type { StepOptions } from "../training/step.ts";
import { buildInputGraph } from "../training/step_graph.ts";
import type { Kernels } from "./kernels.ts";
import { tensor } from "./matmul.ts";
import type { Floats } from "./memory.ts";
import type { Exchange } from "./shared_memory.ts";
import type { Share } from "./shares.ts";

/** The pixels are moved after scaling to 0..1, so the fill value must be divided by this. */
const LARGEST_BYTE = 255;

/** Arrays for all the worker's images. */
export interface ImageMemory {
  /** The images before they are moved, dense. */
  readonly pixels: Floats;
  /** The matrices that move the images, [image][2][3]. */
  readonly moves: Floats;
  /** The first block's input, bordered. */
  readonly planes: Floats;
}

export class Images {
  readonly #step: StepOptions;
  readonly #exchange: Exchange;
  /** The key is the number of images. */
  readonly #sessions = new Map<number, Promise<Session>>();

  constructor(step: StepOptions, exchange: Exchange) {
    this.#step = step;
    this.#exchange = exchange;
  }

  /** Writes a share of the exchange's images to `planes`, bordered. Overwrites `pixels` and `moves`. */
  async load({ first, count }: Share, kernels: Kernels, { pixels, moves, planes }: ImageMemory): Promise<void> {
    const { model, move, fill = NEAREST } = this.#step;
    const [channels, height, width] = model.inputShape;
    await this.#loadPixels({ first, count }, pixels);
    if (!move) {
      kernels.toBordered(pixels.at, planes.at, count * channels, height, width);
      return;
    }
    moves.view.set(this.#exchange.moves.subarray(first * 6, (first + count) * 6));
    const mode = FILL_MODES.indexOf(fill.mode);
    const value = fill.value / LARGEST_BYTE;
    kernels.moveImages(pixels.at, moves.at, planes.at, count, channels, height, width, mode, value);
  }

  /** Writes the pixels before they are moved, [count, channels, height, width]. */
  async #loadPixels({ first, count }: Share, pixels: Floats): Promise<void> {
    const { model, imageSize, recolour } = this.#step;
    const { images, colours } = this.#exchange;
    const [channels, height, width] = model.inputShape;
    // ONNX Runtime does not accept shared memory, so copy the data.
    const own = <T extends Uint8Array | Float32Array>(array: T, length: number) =>
      array.slice(first * length, (first + count) * length) as T;
    const imageBytes = imageSize[0] * imageSize[1] * channels;
    const feeds: Record<string, NamedTensor> = {
      images: { data: own(images, imageBytes), shape: [count, ...imageSize, channels] },
    };
    if (recolour) feeds.colours = { data: own(colours, 12), shape: [count, 3, 4] };
    const session = await this.#sessionFor(count);
    await session.run(feeds, { pixels: tensor(pixels, [count, channels, height, width]) });
  }

  async close(): Promise<void> {
    for (const session of this.#sessions.values()) await (await session).close();
  }

  #sessionFor(count: number): Promise<Session> {
    let session = this.#sessions.get(count);
    if (!session) {
      session = openGraph(buildInputGraph({ ...this.#step, move: false }, count), {
        threads: 1,
        inPlace: true,
      });
      this.#sessions.set(count, session);
    }
    return session;
  }
}
