/** A thread of a classifier: runs the model on the blocks that it is given, one after the other. */
import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../../../util/errors.ts";
import { blockMemory, tensorsOf } from "../batch_slots.ts";
import { doNativeWork, type NativeState } from "./native_work.ts";
import { openOnnx } from "./session.ts";

/** What the thread is started with. */
export interface LaneData {
  /** A model file. */
  readonly bytes: Uint8Array;
  readonly imageSizePixels: number;
  /** The memory of each of its lanes. */
  readonly memory: readonly SharedArrayBuffer[];
  readonly native: NativeState;
}

/** The lane to run, or that there is nothing more to do. */
export type LaneOrder = number | "close";

/** The lane whose answers are there, or why they are not. */
export interface LaneAnswer {
  readonly lane: number;
  readonly error?: string;
}

async function main(port: NonNullable<typeof parentPort>, data: LaneData): Promise<void> {
  const session = await doNativeWork(data.native, () => openOnnx(data.bytes, { threads: 1 }));
  const lanes = data.memory.map((buffer) => {
    const { feeds, results } = tensorsOf(blockMemory(buffer), data.imageSizePixels);
    return session.prepare(feeds, results);
  });
  const run = async (lane: number): Promise<LaneAnswer> => {
    try {
      await doNativeWork(data.native, lanes[lane]!);
      return { lane };
    } catch (error) {
      return { lane, error: messageOf(error) };
    }
  };
  const close = async () => {
    await doNativeWork(data.native, () => session.close());
    port.close();
  };
  let last = Promise.resolve();
  port.on("message", (order: LaneOrder) => {
    last = last.then(async () => (order === "close" ? close() : port.postMessage(await run(order))));
  });
  port.postMessage("opened");
}

// Not awaited: if the process ends meanwhile, this is never done, of which Node would warn.
if (parentPort) void main(parentPort, workerData as LaneData);
