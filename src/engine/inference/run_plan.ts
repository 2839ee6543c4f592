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
   * @param place which of the body's results is overwritten; the view's by default
   * @throws RangeError if the image has another size
   */
  runBody(image: Uint8Array, view: number, place?: number): void;
  /** Runs the head, after the body has run on each view. */
  runHead(): void;
}

const PAGE_BYTES = 65536;

/**
 * @param module the compiled kernels (dist/engine/inference/kernels.wasm)
 * @param side pixels per side of the images; they are scaled to the model's size by nearest neighbour
 * @param views how many of the views the body is run on
 */
export function openPlan(
  module: CompiledModule,
  { layout, image, body, head }: ForwardPlan,
  { side, views }: { readonly side: number; readonly views: number },
): RunningPlan {
  const imageBytes = side * side * 3;
  const sources = sourcesOf(side, image.height, views).map((source) => layout.place(source));
  // The kernel reads one byte behind the image.
  const imageAt = layout.reserve((imageBytes + 4) / 4);
  const pages = Math.ceil(layout.bytes / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  layout.fill(memory.buffer);
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as ForwardKernels;
  const bytes = new Uint8Array(memory.buffer, imageAt, imageBytes);
  return {
    floats: new Float32Array(memory.buffer),
    runBody(pixels, view, place = view) {
      if (pixels.length !== imageBytes) throw new RangeError(`The image does not have ${side} x ${side} pixels.`);
      bytes.set(pixels);
      kernels.loadImage(imageAt, sources[view]!, image.inner, image.rowBytes, image.height);
      for (const step of body) step(kernels, place);
    },
    runHead() {
      for (const step of head) step(kernels, 0);
    },
  };
}
