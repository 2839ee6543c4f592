/** The page's side of scoring a slide: one worker reads the slide, and those of the model classify its patches. */
import type { ModelCard } from "../../artifacts/model_card.ts";
import type { ScoredCells } from "../../scoring/slide.ts";
import { blobName } from "../sources.ts";
import { asUserError, workerFailed } from "../worker_link.ts";
import type { WorkerPool } from "../worker_pool.ts";
import type { SlideOrder, SlideReply, WebSlide, WebSlidePicture, WebSlideScores } from "./protocol.ts";

/** How to score a slide in a page. The settings have the meaning and the defaults of `cancernet slide`. */
export interface ScoreSlideOptions {
  /** Width of a pixel of level 0 in micrometres, whatever the slide states (`--mpp`). */
  readonly micronsPerPixel?: number;
  /** Width of a patch in micrometres (`--patch-size-um`); 200 by default if the model's patches have 50 pixels. */
  readonly patchSizeMicrons?: number;
  /** Distance from one patch to the next in model pixels (`--stride`); by default the side of a patch. */
  readonly stride?: number;
  /** The share of tissue from which on a patch is scored (`--min-tissue`), 0 to 1; 0.02 by default. */
  readonly minTissue?: number;
  /** What the GeoJSON holds (`--geojson`): regions at or above the threshold (the default), or every scored patch. */
  readonly geojson?: "regions" | "cells";
  /** Is called once, when the slide is open. */
  readonly onOpen?: (slide: WebSlide) => void;
  /** Is called once with a small picture of the slide, before any cell. Without this function no picture is made. */
  readonly onPicture?: (picture: WebSlidePicture) => void;
  /** Is called while tissue is being looked for: `done` of `total` rows. */
  readonly onTissue?: (done: number, total: number) => void;
  /** Is called with cells as soon as they are scored, so that a heat map can grow. */
  readonly onCells?: (scored: ScoredCells) => void;
  /** Stops the work. */
  readonly signal?: AbortSignal;
}

/**
 * Scores a slide with the model of these workers.
 * @throws UserError if a setting is wrong, the slide cannot be read or has no tissue, or a worker stops; the signal's
 *   reason if it is aborted
 */
export async function scoreWebSlide(
  pool: WorkerPool,
  card: ModelCard,
  file: Blob,
  options: ScoreSlideOptions,
): Promise<WebSlideScores> {
  const { signal, micronsPerPixel, patchSizeMicrons, stride, minTissue, geojson } = options;
  signal?.throwIfAborted();
  const settings = { micronsPerPixel, patchSizeMicrons, stride, minTissue, geojson };
  const ports = await pool.openLanes();
  const name = blobName(file, "the slide");
  const order = { file, name, card, settings, wantsPicture: options.onPicture !== undefined, ports };
  // Bundlers look for exactly this expression.
  const worker = new Worker(new URL("./slide_worker.js", import.meta.url), { type: "module" });
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal!.reason);
  signal?.addEventListener("abort", abort);
  const stopped = pool.ended.then((error) => {
    throw error;
  });
  try {
    return await Promise.race([finished(worker, order, options), aborted, stopped]);
  } finally {
    worker.terminate();
    signal?.removeEventListener("abort", abort);
  }
}

/** Gives the order to the worker, passes on its steps, and waits for the last one. */
function finished(worker: Worker, order: SlideOrder, options: ScoreSlideOptions): Promise<WebSlideScores> {
  const { promise, resolve, reject } = Promise.withResolvers<WebSlideScores>();
  worker.onmessage = ({ data: reply }: MessageEvent<SlideReply>) => {
    try {
      if (reply.kind === "finished") resolve(reply.scores);
      else if (reply.kind === "failed") reject(asUserError(reply.error));
      else passOn(reply, options);
    } catch (error) {
      // A function of the page has failed.
      reject(error);
    }
  };
  worker.onerror = ({ message }) => reject(workerFailed(message, "slide_worker.js"));
  worker.onmessageerror = () => reject(workerFailed("its answer cannot be read", "slide_worker.js"));
  worker.postMessage(order, [...order.ports]);
  return promise;
}

function passOn(
  reply: Exclude<SlideReply, { kind: "finished" | "failed" }>,
  { onOpen, onPicture, onTissue, onCells }: ScoreSlideOptions,
): void {
  if (reply.kind === "opened") onOpen?.(reply.slide);
  else if (reply.kind === "picture") onPicture?.(reply.picture);
  else if (reply.kind === "tissue") onTissue?.(reply.done, reply.total);
  else onCells?.(reply.scored);
}
