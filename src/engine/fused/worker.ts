/** A worker thread of the fused engine: runs its part of each command until it is closed. */
import { parentPort, workerData } from "node:worker_threads";
import type { StepOptions } from "../training/step.ts";
import { Barrier } from "./barrier.ts";
import { planFused } from "./plan.ts";
import { openExchange } from "./shared_memory.ts";
import { Participant } from "./worker_step.ts";

/** The data that a worker starts with. */
export interface WorkerData {
  readonly step: StepOptions;
  readonly index: number;
  readonly workers: number;
  readonly capacity: number;
  readonly buffer: SharedArrayBuffer;
}

async function main(port: NonNullable<typeof parentPort>, data: WorkerData): Promise<void> {
  const { step, capacity, buffer } = data;
  const plan = planFused(step.model);
  if (typeof plan === "string") throw new Error(plan);
  const exchange = openExchange({ plan, step, capacity }, buffer);
  const barrier = new Barrier(exchange.control, data.workers);
  const participant = await Participant.open({ ...data, plan, exchange, barrier });
  port.postMessage("ready");
  try {
    for (let orders = 0; ; orders++) {
      const { command, images } = barrier.nextOrder(orders);
      if (command === "close") break;
      if (command === "step") await participant.step(images);
      else participant.save();
    }
    await participant.close();
  } catch (error) {
    barrier.fail();
    throw error;
  }
}

if (parentPort) await main(parentPort, workerData as WorkerData);
