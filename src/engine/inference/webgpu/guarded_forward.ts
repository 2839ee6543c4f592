/** A model on a GPU with the CPU behind it: an answer that the GPU does not give is computed again. */
import { messageOf } from "../../../util/errors.ts";
import type { Forward, ForwardModel } from "../forward.ts";
import type { GpuDevice } from "./api.ts";
import { type BatchForward, openGpuForward } from "./gpu_forward.ts";
import { requireSameAnswers } from "./self_check.ts";

/** The same model on the CPU, for images of this many pixels per side. */
export interface OnCpu {
  readonly forward: Forward;
  readonly side: number;
}

/**
 * Prepares a model on a device. If the device fails, in the self-check or later, it is not used again: the CPU computes
 * the images of the failed call and all later ones.
 * @param warn is called once, with one sentence, when the device is given up
 */
export async function openGuardedForward(
  device: GpuDevice,
  trained: ForwardModel,
  { forward, side }: OnCpu,
  warn: (message: string) => void,
): Promise<BatchForward> {
  let onDevice: BatchForward | undefined;
  try {
    const opened = await openGpuForward(device, trained, side);
    await requireSameAnswers(opened, forward, side);
    onDevice = opened.classify;
  } catch (error) {
    giveUp(`The WebGPU device did not pass the self-check (${messageOf(error)})`);
  }
  return async (images) => {
    try {
      if (onDevice) return await onDevice(images);
    } catch (error) {
      giveUp(`The WebGPU device failed (${messageOf(error)})`);
    }
    return images.map((image) => forward(image));
  };

  function giveUp(reason: string): void {
    onDevice = undefined;
    device.destroy();
    warn(`${reason}: the CPU computes instead.`);
  }
}
