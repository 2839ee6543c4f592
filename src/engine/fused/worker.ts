/** A worker thread of the fused engine: opens its trunk, then goes forward or backward when it is told to. */
import { parentPort, workerData } from "node:worker_threads";
import type { StepOptions } from "../training/step.ts";
import { openExchange } from "./exchange.ts";
import { planFused } from "./plan.ts";
import { Trunk } from "./trunk.ts";

/** What a worker is started with. */
export interface WorkerData {
  readonly step: StepOptions;
  readonly index: number;
  readonly workers: number;
  readonly capacity: number;
  readonly buffer: SharedArrayBuffer;
}

/** What it is told: a direction and the number of images in the batch, or to end. It answers each with the same word. */
export type Command = { readonly what: "forward" | "backward"; readonly images: number } | { readonly what: "close" };

async function main(port: NonNullable<typeof parentPort>, data: WorkerData): Promise<void> {
  const { step, capacity, buffer } = data;
  const plan = planFused(step.model);
  if (typeof plan === "string") throw new Error(plan);
  const imageBytes = step.imageSize[0] * step.imageSize[1] * step.model.inputShape[0];
  const exchange = openExchange({ plan, capacity, imageBytes, move: step.move, recolour: step.recolour }, buffer);
  const trunk = await Trunk.open({ ...data, plan, exchange });
  port.on("message", async (command: Command) => {
    if (command.what === "forward") await trunk.forward(command.images);
    if (command.what === "backward") await trunk.backward(command.images);
    if (command.what === "close") await trunk.close();
    port.postMessage(command.what);
    if (command.what === "close") port.close();
  });
  port.postMessage("ready");
}

if (parentPort) await main(parentPort, workerData as WorkerData);
