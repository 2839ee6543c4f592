/** A thread of a classifier: runs the model on the blocks that it receives, one after the other. */
import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../../../util/errors.ts";
import { type BlockSize, blockMemory } from "../lanes.ts";
import { doNativeWork, type NativeState } from "./native_work.ts";
import { type ModelParts, openBlockModel } from "./open_block_model.ts";

/** The data that the thread starts with. */
export interface LaneData {
  readonly parts: ModelParts;
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
  const model = await doNativeWork(data.native, () => openBlockModel(data.parts, data.size, { threads: 1 }));
  const lanes = data.memory.map((buffer) => blockMemory(buffer, data.size));
  const run = async ({ lane, count }: LaneBlock): Promise<LaneAnswer> => {
    try {
      await doNativeWork(data.native, () => model.run(lanes[lane]!, count));
      return { lane };
    } catch (error) {
      return { lane, error: messageOf(error) };
    }
  };
  const close = async () => {
    await doNativeWork(data.native, () => model.close());
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
