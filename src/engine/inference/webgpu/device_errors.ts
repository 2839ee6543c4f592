/** Work on a GPU whose errors are not lost. WebGPU reports them later, and goes on with wrong numbers. */
import { ERROR_KINDS, type GpuDevice } from "./api.ts";

/**
 * Does work that gives orders to the device.
 * @throws Error when the device has found one of them invalid, or had too little memory
 */
export async function checkedOrders<T>(device: GpuDevice, work: () => T): Promise<T> {
  for (const kind of ERROR_KINDS) device.pushErrorScope(kind);
  let errors: ReturnType<GpuDevice["popErrorScope"]>[] = [];
  let result: T;
  try {
    result = work();
  } finally {
    errors = ERROR_KINDS.map(() => device.popErrorScope());
  }
  const error = (await Promise.all(errors)).find((one) => one !== null);
  if (error) throw new Error(error.message);
  return result;
}

/** A promise that fails when the device is lost, or reports an error that no scope has collected. */
export function deviceFailure(device: GpuDevice): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  device.lost.then(({ reason, message }) => reject(new Error(`it was lost: ${message || reason}`)));
  device.addEventListener("uncapturederror", ({ error }) => reject(new Error(error.message)));
  // Also while no work waits for it.
  promise.catch(() => {});
  return promise;
}
