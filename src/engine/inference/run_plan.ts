/** A plan in a WebAssembly memory of its own, and the views of an image that it runs on. */
import { type CompiledModule, WebAssembly } from "../../util/web_assembly.ts";
import { sourcesOf } from "./pixel_sources.ts";
import type { ForwardKernels, ForwardPlan } from "./plan.ts";

/** A plan that can run. */
export interface RunningPlan {
  /** The memory. */
  readonly floats: Float32Array;
  /**
   * Runs the body of the plan on a view of an image, uint8 RGB [side][side][3].
   * @throws RangeError if the image has another size
   */
  runBody(image: Uint8Array, view: number): void;
  /** Runs the head, after the body has run on each view. */
  runHead(): void;
}

const PAGE_BYTES = 65536;
/** The image's bytes as the model sees them. The graph multiplies in float32, too. */
const SHARES = Float32Array.from({ length: 256 }, (_, byte) => byte * Math.fround(1 / 255));

/**
 * @param module the compiled kernels (dist/engine/inference/kernels.wasm)
 * @param side pixels per side of the images; they are scaled to the model's size by nearest neighbour
 */
export function openPlan(
  module: CompiledModule,
  { layout, image, body, head }: ForwardPlan,
  side: number,
): RunningPlan {
  const pages = Math.ceil(layout.bytes / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  layout.fill(memory.buffer);
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as ForwardKernels;
  const floats = new Float32Array(memory.buffer);
  const sources = sourcesOf(side, image.height);
  const load = (pixels: Uint8Array, source: Uint32Array): void => {
    for (let row = 0, place = 0; row < image.height; row++) {
      let target = (image.inner + row * image.rowBytes) / 4;
      for (let column = 0; column < image.width; column++, target += image.stored) {
        const from = source[place++]!;
        floats[target] = SHARES[pixels[from]!]!;
        floats[target + 1] = SHARES[pixels[from + 1]!]!;
        floats[target + 2] = SHARES[pixels[from + 2]!]!;
      }
    }
  };
  return {
    floats,
    runBody(pixels, view) {
      if (pixels.length !== side * side * 3) throw new RangeError(`The image does not have ${side} x ${side} pixels.`);
      load(pixels, sources[view]!);
      for (const step of body) step(kernels, view);
    },
    runHead() {
      for (const step of head) step(kernels, 0);
    },
  };
}
