/** The other end of a lane: a worker with the model answers the blocks of patches that come through a port. */
import type { Forward } from "../../engine/inference/forward.ts";
import { asSent } from "../sent_error.ts";
import type { BlockReply, SentBlock } from "./protocol.ts";

export function serveLane(port: MessagePort, forward: Forward): void {
  port.onmessage = ({ data }: MessageEvent<SentBlock>) => port.postMessage(answerTo(data, forward));
}

function answerTo({ images, count }: SentBlock, forward: Forward): BlockReply {
  try {
    const bytes = images.length / count;
    const [probabilities, logits] = [new Float32Array(count), new Float32Array(count)];
    for (let place = 0; place < count; place++) {
      const { probability, logit } = forward(images.subarray(place * bytes, (place + 1) * bytes));
      probabilities[place] = probability;
      logits[place] = logit;
    }
    return { probabilities, logits };
  } catch (error) {
    return { error: asSent(error) };
  }
}
