/** Decodes JPEG 2000 pictures on threads of their own, as many as there are processors, up to four; worker.ts does the work. */
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { scriptBeside } from "../../../system/threads.ts";
import { codeOf, messageOf } from "../../../util/errors.ts";
import type { RgbImage } from "../../image/rgb.ts";
import type { Answer, Order } from "./worker.ts";

const MOST_THREADS = 4;

/** A tile takes some milliseconds; what takes longer than this was made to. */
const MOST_MILLISECONDS = 20_000;

const start = (): Worker => new Worker(scriptBeside(import.meta.url, "worker"));

/** Started when the first picture is decoded, kept for the next. */
const idle: Worker[] = [];
const waiting: ((worker: Worker) => void)[] = [];
let started = 0;

/** @throws Error if it is damaged, of another size, or of a kind that is not read. */
export async function decodeJpeg2000(order: Order): Promise<RgbImage> {
  const worker = await hire();
  const answer = await ask(worker, order);
  if ("problem" in answer) throw new Error(answer.problem);
  const { buffer } = answer.rgb;
  return { width: order.width, height: order.height, data: new Uint8Array(buffer as ArrayBuffer) };
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

/** Hands the order over; a thread that fails or takes too long is ended. */
async function ask(worker: Worker, order: Order): Promise<Answer> {
  worker.ref();
  worker.postMessage(order);
  try {
    const [answer] = await once(worker, "message", { signal: AbortSignal.timeout(MOST_MILLISECONDS) });
    release(worker);
    return answer as Answer;
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
  // It waits for work, which must not keep a program from ending.
  worker.unref();
  idle.push(worker);
}

function dismiss(worker: Worker): void {
  void worker.terminate();
  const next = waiting.shift();
  if (next) next(start());
  else started--;
}
