/** A thread of a classifier: runs the model on the blocks that it receives, one after the other. */
import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../../../util/errors.ts";
import { type BlockSize, blockMemory, runBlock } from "../batch_slots.ts";
import { doNativeWork, type NativeState } from "./native_work.ts";
import { openOnnx } from "./session.ts";

/** The data that the thread starts with. */
export interface LaneData {
  /** The bytes of a model file. */
  readonly bytes: Uint8Array;
  readonly size: BlockSize;
  /** The memory of each of the thread's lanes. */
  readonly memory: readonly SharedArrayBuffer[];
  readonly native: NativeState;
}

/** The index of the lane to run, and how many of its images. */
export interface LaneBlock {
  readonly lane: number;
  readonly count: number;
}

/** A block to run, or "close" to end the thread. */
export type LaneOrder = LaneBlock | "close";

/** The index of the lane whose answers are ready, or the error that occurred. */
export interface LaneAnswer {
  readonly lane: number;
  readonly error?: string;
}

async function main(port: NonNullable<typeof parentPort>, data: LaneData): Promise<void> {
  const session = await doNativeWork(data.native, () => openOnnx(data.bytes, { threads: 1 }));
  const lanes = data.memory.map((buffer) => blockMemory(buffer, data.size));
  const run = async ({ lane, count }: LaneBlock): Promise<LaneAnswer> => {
    try {
      await doNativeWork(data.native, () => runBlock(session, lanes[lane]!, data.size, count));
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

// Not awaited: if the process ends first, the promise never settles, and Node would print a warning.
if (parentPort) void main(parentPort, workerData as LaneData);
