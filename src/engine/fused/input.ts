/**
 * The images of a step as the first block sees them: scaled and recoloured by ONNX Runtime on one thread, and moved by a
 * kernel, which is four times as fast as its GridSample.
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

/** The pixels that are moved here are scaled to 0..1 already. */
const LARGEST_BYTE = 255;

/** Arrays of all the worker's images. */
export interface ImageMemory {
  /** Dense. */
  readonly pixels: Floats;
  /** [image][2][3] */
  readonly moves: Floats;
  /** Bordered: the first block's input. */
  readonly planes: Floats;
}

export class Images {
  readonly #step: StepOptions;
  readonly #exchange: Exchange;
  /** By the number of images. */
  readonly #sessions = new Map<number, Promise<Session>>();

  constructor(step: StepOptions, exchange: Exchange) {
    this.#step = step;
    this.#exchange = exchange;
  }

  /** Makes bordered planes of a share of the images in the exchange; `pixels` and `moves` are worked on. */
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

  /** The pixels before they are moved, [count, channels, height, width]. */
  async #loadPixels({ first, count }: Share, pixels: Floats): Promise<void> {
    const { model, imageSize, recolour } = this.#step;
    const { images, colours } = this.#exchange;
    const [channels, height, width] = model.inputShape;
    // ONNX Runtime takes no shared memory.
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
