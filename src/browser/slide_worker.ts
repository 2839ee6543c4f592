/** The worker that reads one slide, so that the page stays responsive. It ends with the slide. */
import { asSent } from "./sent_error.ts";
import type { SlideOrder, SlideReply } from "./slides/protocol.ts";
import { scoreOrder } from "./slides/score.ts";

/** The part of a worker's global scope that is used here; the types of the page lack it. */
interface SlideWorkerScope {
  onmessage: ((event: { data: SlideOrder }) => void) | null;
  postMessage(reply: SlideReply, transfer?: Transferable[]): void;
}

const scope = self as unknown as SlideWorkerScope;

/** Pictures and maps are handed over, not copied. */
function send(reply: SlideReply): void {
  if (reply.kind === "picture") scope.postMessage(reply, [reply.picture.data.buffer]);
  else if (reply.kind === "finished") scope.postMessage(reply, [reply.scores.probabilities.buffer]);
  else scope.postMessage(reply);
}

scope.onmessage = ({ data: order }) => {
  scoreOrder(order, send).catch((error: unknown) => send({ kind: "failed", error: asSent(error) }));
};
