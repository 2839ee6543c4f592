/**
 * Decodes JPEG 2000 pictures in worker threads, one per processor, at most four. jpeg2000_worker.ts is the code of a
 * thread.
 */
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { ownScript } from "../../../system/own_files.ts";
import { codeOf, messageOf } from "../../../util/errors.ts";
import type { RgbImage } from "../../image/rgb.ts";
import type { Jpeg2000Answer, Jpeg2000Order } from "../jpeg2000/unpack.ts";

const MOST_THREADS = 4;

/** A tile takes a few milliseconds. Anything slower than this limit was probably constructed to be slow. */
const MOST_MILLISECONDS = 20_000;

const start = (): Worker => new Worker(ownScript("histology/slide/node/jpeg2000_worker"));

/** Worker threads are started when first needed, and kept for later pictures. */
const idle: Worker[] = [];
const waiting: ((worker: Worker) => void)[] = [];
let started = 0;

/** @throws Error if the picture is damaged, of another size or of an unsupported kind. */
export async function decodeJpeg2000(order: Jpeg2000Order): Promise<RgbImage> {
  const worker = await hire();
  const answer = await ask(worker, order);
  if ("problem" in answer) throw new Error(answer.problem);
  return { width: order.width, height: order.height, data: new Uint8Array(answer.rgb.buffer) };
}

function hire(): Promise<Worker> | Worker {
  const worker = idle.pop();
  if (worker) return worker;
  if (started < Math.min(MOST_THREADS, availableParallelism())) {
    started++;
    return start();
  }
  return new Promise((hired) => waiting.push(hired));
}

/** Sends an order to a worker. A worker that fails or exceeds the time limit is terminated. */
async function ask(worker: Worker, order: Jpeg2000Order): Promise<Jpeg2000Answer> {
  worker.ref();
  worker.postMessage(order);
  try {
    const [answer] = await once(worker, "message", { signal: AbortSignal.timeout(MOST_MILLISECONDS) });
    release(worker);
    return answer as Jpeg2000Answer;
  } catch (error) {
    dismiss(worker);
    const problem = codeOf(error) === "ABORT_ERR" ? "it takes too long to decode" : messageOf(error);
    return { problem };
  }
}

function release(worker: Worker): void {
  const next = waiting.shift();
  if (next) {
    next(worker);
    return;
  }
  // An idle worker must not keep the process alive.
  worker.unref();
  idle.push(worker);
}

function dismiss(worker: Worker): void {
  void worker.terminate();
  const next = waiting.shift();
  if (next) next(start());
  else started--;
}
