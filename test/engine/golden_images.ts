/** The golden batches as the training step takes them: images of bytes, channels last. */
import { MODELS } from "../../src/engine/models/table.ts";
import { type CancerNetReference, goldenBatch } from "../golden/reference.ts";

export const model = MODELS.cancernet;

const PLANE_PIXELS = 48 * 48;

/** The images of golden batch `step`, uint8 [n, 48, 48, 3]. */
export function goldenImages(reference: CancerNetReference, step: number): Uint8Array {
  const { bytes } = goldenBatch(reference, step);
  return bytes.map((_, index) => {
    const [pixel, channel] = [Math.floor(index / 3), index % 3];
    const [image, place] = [Math.floor(pixel / PLANE_PIXELS), pixel % PLANE_PIXELS];
    return bytes[(image * 3 + channel) * PLANE_PIXELS + place]!;
  });
}
