/** The devices of a worker by name: how each of them classifies the patches of an open model. */
import { recordSideOf } from "../artifacts/model_card.ts";
import type { ReadyModel } from "../artifacts/open_forward.ts";
import type { BatchForward } from "../engine/inference/webgpu/gpu_forward.ts";
import { openGuardedForward } from "../engine/inference/webgpu/guarded_forward.ts";
import { openGpuDevice } from "../engine/inference/webgpu/open_device.ts";
import type { WebDevice } from "./web_devices.ts";

/**
 * Prepares a model on a device.
 * @param warn is called with one sentence if the device is given up and the CPU goes on
 * @throws UserError if the device does not exist here
 */
type OpenOn = (model: ReadyModel, warn: (message: string) => void) => Promise<BatchForward>;

export const CLASSIFY_ON: Readonly<Record<WebDevice, OpenOn>> = {
  async cpu({ forward }) {
    return async (records) => records.map((record) => forward(record));
  },
  async webgpu({ card, trained, forward }, warn) {
    return openGuardedForward(await openGpuDevice(), trained, { forward, side: recordSideOf(card) }, warn);
  },
};
