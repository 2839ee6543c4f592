/** Lanes from a worker that reads a slide to the workers with the model, for the classifier of engine/runtime. */

import { type Classifier, classifierOn } from "../../engine/classification/classifier.ts";
import { IMAGES_PER_BLOCK, type Lane, Lanes } from "../../engine/classification/lanes.ts";
import { LOGIT, PATCH_FEATURES, PROBABILITY } from "../../engine/models/inference.ts";
import { recordBytes } from "../../histology/dataset/record.ts";
import type { BlockReply, SentBlock } from "./protocol.ts";

/** A classifier whose model runs at the other ends of these ports. @param side the side of a patch in pixels */
export function classifierOf(ports: readonly MessagePort[], side: number): Classifier {
  const close = async () => {
    for (const port of ports) port.close();
  };
  const lanes = new Lanes(
    ports.map((port) => laneOn(port, side)),
    ports.length,
    close,
  );
  return classifierOn(() => lanes, close);
}

function laneOn(port: MessagePort, side: number): Lane {
  const images = new Uint8Array(IMAGES_PER_BLOCK * recordBytes(side));
  const answers = {
    [PROBABILITY]: new Float32Array(IMAGES_PER_BLOCK),
    [LOGIT]: new Float32Array(IMAGES_PER_BLOCK),
    [PATCH_FEATURES]: new Float32Array(0),
  };
  return {
    images,
    answers,
    async run(count) {
      const block: SentBlock = { images: images.slice(0, count * recordBytes(side)), count };
      const reply = await asked(port, block);
      if ("error" in reply) throw new Error(reply.error.message);
      answers[PROBABILITY].set(reply.probabilities);
      answers[LOGIT].set(reply.logits);
    },
  };
}

/** A lane has one block at a time, so the next message is its answer. */
function asked(port: MessagePort, block: SentBlock): Promise<BlockReply> {
  const { promise, resolve } = Promise.withResolvers<BlockReply>();
  port.onmessage = ({ data }: MessageEvent<BlockReply>) => resolve(data);
  port.postMessage(block, [block.images.buffer]);
  return promise;
}
