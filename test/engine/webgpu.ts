/** A WebGPU device for the tests: the machine's own, or on Linux SwiftShader, which Debian's chromium package brings. */
import { existsSync } from "node:fs";
import { env, platform } from "node:process";
import { tryProvider } from "../../src/engine/runtime/node/providers.ts";
import { messageOf } from "../../src/util/errors.ts";

/** A Vulkan driver in software: slow, but it computes what a GPU does. */
const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";

/**
 * Starts the device; gives the reason why tests on it must be left out, or undefined. Without VK_DRIVER_FILES the tests run
 * on SwiftShader, so that they do the same on every Linux machine; VK_DRIVER_FILES= (empty) takes the machine's own driver.
 */
export async function startWebGpu(): Promise<string | undefined> {
  if (platform === "linux" && env.VK_DRIVER_FILES === undefined) {
    if (!existsSync(SWIFTSHADER))
      return `no Vulkan driver at ${SWIFTSHADER} (Debian: apt-get install chromium libvulkan1)`;
    env.VK_DRIVER_FILES = SWIFTSHADER;
  }
  try {
    await tryProvider("webgpu");
    return undefined;
  } catch (error) {
    return `webgpu does not start: ${messageOf(error)} (Debian: apt-get install chromium libvulkan1)`;
  }
}
