/** The thread that reads one Keras file and ends: what a damaged file does to HDF5 stays in here. */
import { parentPort, workerData } from "node:worker_threads";
import { boundWebAssemblyMemory } from "../../system/webassembly.ts";
import { messageOf } from "../../util/errors.ts";
import type { ModelDescription } from "../nn/model.ts";
import type { KerasArrays, KerasContent } from "./read.ts";

/** What it is started with. */
export interface KerasWork {
  readonly model: ModelDescription;
  readonly content: KerasContent;
}

/** What it answers. */
export type KerasAnswer = { readonly read: KerasArrays } | { readonly differs: string } | { readonly damaged: string };

/** HDF5's own memory, which it starts with 19 MB of: a file may ask for as much as it likes. */
const MOST_BYTES = 256 * 1024 * 1024;

boundWebAssemblyMemory(MOST_BYTES);

async function answer({ model, content }: KerasWork): Promise<KerasAnswer> {
  // Loaded once its memory is bounded.
  const [{ readKeras }, { OtherNetworkError }] = await Promise.all([import("./read.ts"), import("./convert.ts")]);
  try {
    return { read: await readKeras(model, content) };
  } catch (error) {
    return error instanceof OtherNetworkError ? { differs: error.message } : { damaged: messageOf(error) };
  }
}

parentPort!.postMessage(await answer(workerData as KerasWork));
