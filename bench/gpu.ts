/** Whether this machine has a GPU. A driver in software starts like a real one, but its speed means nothing. */
import { existsSync, readdirSync } from "node:fs";
import type { DeviceName } from "../src/engine/runtime/devices.ts";
import { askProbe } from "../src/workflows/device/health_check.ts";

/** The devices of a GPU. */
export type GpuName = Exclude<DeviceName, "cpu">;

/**
 * Looks for the files of the kernel's GPU drivers.
 * @returns why nothing can be measured; undefined if there may be a GPU. Only Linux shows these files.
 */
export function gpuAbsence(device: GpuName, { platform = process.platform, has = existsSync, list = listOf } = {}) {
  if (platform !== "linux") return undefined;
  const isNvidia = has("/dev/nvidiactl") || has("/dev/dxg");
  if (device === "cuda") return isNvidia ? undefined : "no NVIDIA GPU on this machine";
  return isNvidia || list("/dev/dri").some((name) => name.startsWith("renderD")) ? undefined : "no GPU on this machine";
}

function listOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** @throws Error with the reason if the machine has no such GPU, or if it does not start. */
export async function requireGpu(device: GpuName): Promise<void> {
  const absence = gpuAbsence(device);
  if (absence !== undefined) throw new Error(absence);
  const { problem } = await askProbe("provider", device, new AbortController().signal);
  if (problem !== undefined) throw new Error(`the GPU does not start (${problem})`);
}
