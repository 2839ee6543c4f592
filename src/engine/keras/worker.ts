/** The thread that reads one Keras file and ends. If a damaged file crashes HDF5, only this thread is affected. */
import { parentPort, workerData } from "node:worker_threads";
import { boundWebAssemblyMemory } from "../../system/webassembly.ts";
import { messageOf } from "../../util/errors.ts";
import type { ModelDescription } from "../nn/model.ts";
import type { KerasArrays, KerasContent } from "./read.ts";

/** The data that the thread starts with. */
export interface KerasWork {
  readonly model: ModelDescription;
  readonly content: KerasContent;
}

/** The thread's answer. */
export type KerasAnswer = { readonly read: KerasArrays } | { readonly differs: string } | { readonly damaged: string };

/**
 * The limit for HDF5's own memory, which is 19 MB at the start. Without it, a file could request any amount of memory.
 */
const MOST_BYTES = 256 * 1024 * 1024;

boundWebAssemblyMemory(MOST_BYTES);

async function answer({ model, content }: KerasWork): Promise<KerasAnswer> {
  // Imported after the memory limit is set.
  const [{ readKeras }, { OtherNetworkError }] = await Promise.all([import("./read.ts"), import("./convert.ts")]);
  try {
    return { read: await readKeras(model, content) };
  } catch (error) {
    return error instanceof OtherNetworkError ? { differs: error.message } : { damaged: messageOf(error) };
  }
}

parentPort!.postMessage(await answer(workerData as KerasWork));
