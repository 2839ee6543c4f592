/**
 * Runs a model on single images with our own WebAssembly kernels, in Node and in a browser. One image is one run, so an
 * answer depends on nothing else, and the kernels round alike on every machine.
 */

import { type CompiledModule, WebAssembly } from "../../util/web_assembly.ts";
import { LOGIT_OFFSET, LOGIT_SCALE } from "../models/inference.ts";
import { VIEWS, viewsOfSquare } from "../models/views.ts";
import { type Arrays, classesOf, type ModelDescription } from "../nn/model.ts";
import { type ForwardKernels, planForward } from "./plan.ts";

/** The model's answer for one image. */
export interface ForwardAnswer {
  /** The calibrated probability of the last class, a float32 number. */
  readonly probability: number;
  /** The log odds before calibration, a float32 number. */
  readonly logit: number;
}

/**
 * Runs a model on one square image, uint8 RGB [side][side][3].
 * @throws RangeError if the image has another size
 */
export type Forward = (image: Uint8Array) => ForwardAnswer;

export interface ForwardModel {
  /** A model with a square input, three channels and two classes. */
  readonly model: ModelDescription;
  /** All arrays of the model, and its calibration. */
  readonly arrays: Arrays;
  readonly views: number;
}

const PAGE_BYTES = 65536;
/** The image's bytes as the model sees them. The graph multiplies in float32, too. */
const SHARES = Float32Array.from({ length: 256 }, (_, byte) => byte * Math.fround(1 / 255));

/**
 * Prepares a model for images of one size.
 * @param module the compiled kernels (dist/engine/inference/kernels.wasm)
 * @param side pixels per side of the images; they are scaled to the model's size by nearest neighbour
 * @throws Error if the model is of another kind
 */
export function openForward(module: CompiledModule, { model, arrays, views }: ForwardModel, side: number): Forward {
  const [channels, height, width] = model.inputShape;
  if (channels !== 3 || height !== width || classesOf(model) !== 2 || views < 1 || views > VIEWS) {
    throw new Error("the model does not take square RGB images, or does not have two classes");
  }
  const { layout, image, body, head, scores } = planForward(model, arrays, views);
  const pages = Math.ceil(layout.bytes / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  layout.fill(memory.buffer);
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as ForwardKernels;
  const floats = new Float32Array(memory.buffer);
  const sources = sourcesOf(side, height).slice(0, views);
  const [factor, offset] = [arrays.get(LOGIT_SCALE)![0]!, arrays.get(LOGIT_OFFSET)![0]!];
  const load = (pixels: Uint8Array, source: Uint32Array): void => {
    for (let row = 0, place = 0; row < height; row++) {
      let target = (image.inner + row * image.rowBytes) / 4;
      for (let column = 0; column < width; column++, target += image.stored) {
        const from = source[place++]!;
        floats[target] = SHARES[pixels[from]!]!;
        floats[target + 1] = SHARES[pixels[from + 1]!]!;
        floats[target + 2] = SHARES[pixels[from + 2]!]!;
      }
    }
  };
  return (pixels) => {
    if (pixels.length !== side * side * 3) throw new RangeError(`The image does not have ${side} x ${side} pixels.`);
    for (const [view, source] of sources.entries()) {
      load(pixels, source);
      for (const step of body) step(kernels, view);
    }
    for (const step of head) step(kernels, 0);
    let logit = 0;
    for (let view = 0; view < views; view++) {
      const at = scores.at / 4 + view * scores.stored;
      logit += (floats[at + 1]! - floats[at]!) / views;
    }
    const odds = logit * factor + offset;
    return { probability: Math.fround(1 / (1 + Math.exp(-odds))), logit: Math.fround(logit) };
  };
}

/**
 * For each view, the place of the first byte of each of the model's pixels in the image. The model's pixel i is pixel
 * floor((i + 0.5) * side / modelSide) of the image, as in the graph (ops/sampling.ts).
 */
function sourcesOf(side: number, modelSide: number): Uint32Array[] {
  const nearest = (i: number) => Math.floor(((i + 0.5) * side) / modelSide);
  return viewsOfSquare(modelSide).map((places) =>
    places.map((place) => (nearest(Math.floor(place / modelSide)) * side + nearest(place % modelSide)) * 3),
  );
}
