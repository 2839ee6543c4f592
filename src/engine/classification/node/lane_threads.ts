/**
 * Lanes in separate threads, each of which runs one block at a time. The threads do not wait for each other, and the
 * calling thread is free meanwhile.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { ownScript } from "../../../system/own_files.ts";
import { endOf, letEnd } from "../../../system/threads.ts";
import { type BlockSize, blockBytes, blockMemory, type Lane, Lanes } from "../lanes.ts";
import type { LaneAnswer, LaneBlock, LaneData, LaneOrder } from "./lane_worker.ts";
import { nativeState, watchNativeWork } from "./native_work.ts";
import type { ModelParts } from "./open_block_model.ts";

/**
 * The number of blocks queued per thread. A thread thus continues while the calling thread is busy with something else
 * for some tens of milliseconds.
 */
const LANES_PER_THREAD = 4;

/**
 * Starts threads that run the model, and returns their lanes.
 * @throws Error if a thread cannot open the model.
 */
export async function startLaneThreads(parts: ModelParts, size: BlockSize, threads: number): Promise<Lanes> {
  const started = Array.from({ length: threads }, () => new LaneThread(parts, size));
  const opened = await Promise.allSettled(started.map((thread) => thread.opened));
  const close = async () => void (await Promise.all(started.map((thread) => thread.close())));
  const failed = opened.find((one) => one.status === "rejected");
  if (failed) {
    await close();
    throw failed.reason;
  }
  // The first lane of each thread comes before the second lane of any thread.
  const places = Array.from({ length: LANES_PER_THREAD }, (_, place) => started.map(({ lanes }) => lanes[place]!));
  return new Lanes(places.flat(), size.anyBlockSize ? threads : 1, close);
}

interface Pending {
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

class LaneThread {
  readonly lanes: readonly Lane[];
  readonly opened: Promise<unknown>;
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  readonly #pending = new Map<number, Pending>();
  #failure: Error | undefined;

  constructor(parts: ModelParts, size: BlockSize) {
    const memory = Array.from({ length: LANES_PER_THREAD }, () => new SharedArrayBuffer(blockBytes(size)));
    const script = ownScript("engine/classification/node/lane_worker");
    const native = nativeState();
    const workerData: LaneData = { parts, size, memory, native };
    // The thread does not inherit this process's Node options, such as a profiler.
    this.#worker = new Worker(script, { workerData, execArgv: [] });
    this.lanes = memory.map((buffer, lane) => ({
      ...blockMemory(buffer, size),
      run: (count) => this.#run({ lane, count }),
    }));
    this.#ended = endOf(this.#worker);
    watchNativeWork(native, this.#ended);
    this.#worker.on("error", (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on("exit", () => this.#fail(new Error("its thread has ended")));
    this.opened = Promise.race([once(this.#worker, "message"), this.#ended]).then(() => {
      if (this.#failure) throw this.#failure;
      this.#worker.on("message", (answer: LaneAnswer) => this.#answered(answer));
      // An idle thread must not keep a program from ending.
      this.#worker.unref();
    });
  }

  #run(block: LaneBlock): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((done, failed) => {
      if (this.#pending.size === 0) this.#worker.ref();
      this.#pending.set(block.lane, { done, failed });
      this.#order(block);
    });
  }

  #answered({ lane, error }: LaneAnswer): void {
    const { done, failed } = this.#pending.get(lane)!;
    this.#pending.delete(lane);
    if (this.#pending.size === 0) this.#worker.unref();
    if (error === undefined) done();
    else failed(new Error(error));
  }

  #fail(failure: Error): void {
    this.#failure ??= failure;
    for (const { failed } of this.#pending.values()) failed(this.#failure);
    this.#pending.clear();
  }

  #order(order: LaneOrder): void {
    this.#worker.postMessage(order);
  }

  async close(): Promise<void> {
    this.#worker.ref();
    this.#order("close");
    await letEnd(this.#worker, this.#ended);
  }
}
