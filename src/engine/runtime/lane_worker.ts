/** A thread of a classifier: runs the model on the blocks that it is told of, one after the other. */
import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../../util/errors.ts";
import { blockMemory, tensorsOf } from "./lanes.ts";
import { Session } from "./session.ts";

/** What the thread is started with. */
export interface LaneData {
  /** A model file. */
  readonly bytes: Uint8Array;
  readonly imageSizePixels: number;
  /** The memory of each of its lanes. */
  readonly memory: readonly SharedArrayBuffer[];
}

/** The lane to run, or that there is nothing more to do. */
export type LaneOrder = number | "close";

/** The lane whose answers are there, or why they are not. */
export interface LaneAnswer {
  readonly lane: number;
  readonly error?: string;
}

async function main(port: NonNullable<typeof parentPort>, data: LaneData): Promise<void> {
  const session = await Session.fromBytes(data.bytes, { threads: 1 });
  const lanes = data.memory.map((buffer) => {
    const { feeds, results } = tensorsOf(blockMemory(buffer), data.imageSizePixels);
    return session.prepare(feeds, results);
  });
  const run = async (lane: number): Promise<LaneAnswer> => {
    try {
      await lanes[lane]!();
      return { lane };
    } catch (error) {
      return { lane, error: messageOf(error) };
    }
  };
  port.on("message", async (order: LaneOrder) => {
    if (order !== "close") return port.postMessage(await run(order));
    await session.close();
    port.close();
  });
  port.postMessage("opened");
}

if (parentPort) await main(parentPort, workerData as LaneData);
