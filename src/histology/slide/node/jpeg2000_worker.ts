/** A worker thread that decodes JPEG 2000 pictures for jpeg2000.ts, one after the other. */
import { parentPort } from "node:worker_threads";
import { type Jpeg2000Order, jpeg2000Decoder } from "../jpeg2000/unpack.ts";

const decode = jpeg2000Decoder();

parentPort?.on("message", async (order: Jpeg2000Order) => {
  const answer = await decode(order);
  parentPort!.postMessage(answer, "rgb" in answer ? [answer.rgb.buffer] : []);
});
