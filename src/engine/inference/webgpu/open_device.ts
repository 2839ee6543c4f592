/** Asks the browser for a WebGPU device of real hardware. */
import { messageOf, UserError } from "../../../util/errors.ts";
import { browserGpu, type GpuAdapterInfo, type GpuDevice } from "./api.ts";

/** Names of adapters that compute on the processor: of Mesa, of Chromium and of Windows. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|\bwarp\b|basic render|software/i;

/** @throws UserError if there is no adapter of real hardware, or it gives no device */
export async function openGpuDevice(): Promise<GpuDevice> {
  const gpu = browserGpu();
  if (!gpu) throw unavailable("This browser has no WebGPU, or the page's address is not secure (https)");
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
    if (!adapter) throw unavailable("This browser has no WebGPU adapter");
    if (isSoftware(adapter.info)) {
      throw unavailable(`The only WebGPU adapter is a software one (${nameOf(adapter.info)})`);
    }
    return await adapter.requestDevice();
  } catch (error) {
    throw error instanceof UserError ? error : unavailable(`WebGPU does not start (${messageOf(error)})`);
  }
}

/** Whether an adapter computes on the processor, more slowly than our kernels there do. */
export function isSoftware(info: GpuAdapterInfo): boolean {
  return info.isFallbackAdapter === true || SOFTWARE.test(nameOf(info));
}

const nameOf = ({ vendor, architecture, device, description }: GpuAdapterInfo): string =>
  [vendor, architecture, device, description].filter((part) => part !== "").join(" ") || "without a name";

const unavailable = (reason: string) =>
  new UserError("device-unavailable", `${reason}: leave out the option device, and the CPU computes.`);
