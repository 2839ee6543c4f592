/**
 * The devices by name: how ONNX Runtime uses each one, which operations are lowered for it, and where training keeps
 * its arrays.
 */
import type { Graph } from "../graph/graph.ts";
import { CPU_LOWERING } from "./lowering/cpu.ts";
import { type LoweringTable, lower, prune } from "./lowering/lower.ts";
import { WEBGPU_LOWERING } from "./lowering/webgpu.ts";

export interface Device {
  /** The name of the device for users. */
  readonly title: string;
  /** The session options for ONNX Runtime. */
  readonly session: { readonly executionProviders: string[]; readonly extra?: Record<string, unknown> };
  /** How operations that the device lacks, or runs badly, are built from other operations. */
  readonly lowering: LoweringTable;
  /** Whether the arrays of a training stay in the device's own memory between steps. */
  readonly keepsArrays: boolean;
  /** Whether results can be written to given memory without a copy, see Session. */
  readonly writesInPlace: boolean;
  /**
   * Whether several sessions with one thread each, in parallel, complete many runs sooner than one session with all
   * threads.
   */
  readonly runsSideBySide: boolean;
  /**
   * The processor architectures (as Node names them) on which an image has the same bits in a block of any size, see
   * docs/decisions/0043-blocks-of-any-size.md.
   */
  readonly sameBitsInAnyBlock: readonly string[];
  /**
   * What the device needs beyond this package. Users see it if the device does not start. If absent, the device is
   * always available.
   */
  readonly needs?: string;
}

/**
 * ONNX Runtime silently runs operations on the CPU if the device cannot run them. With this setting it throws an error
 * instead.
 */
const NOTHING_ON_THE_CPU = { session: { disable_cpu_ep_fallback: "1" } } as const;

export const DEVICES = {
  cpu: {
    title: "CPU",
    session: { executionProviders: ["cpu"] },
    lowering: CPU_LOWERING,
    keepsArrays: false,
    writesInPlace: true,
    runsSideBySide: true,
    sameBitsInAnyBlock: ["x64"],
  },
  webgpu: {
    title: "GPU by WebGPU (Vulkan, Metal, Direct3D 12)",
    session: { executionProviders: ["webgpu"], extra: NOTHING_ON_THE_CPU },
    lowering: WEBGPU_LOWERING,
    keepsArrays: true,
    writesInPlace: false,
    runsSideBySide: false,
    sameBitsInAnyBlock: [],
    needs: "a GPU whose driver brings Vulkan, Metal or Direct3D 12",
  },
  /** onnxruntime-node leaves results in a device's memory only for WebGPU, so here every step transfers the arrays. */
  cuda: {
    title: "NVIDIA GPU by CUDA",
    session: { executionProviders: ["cuda"], extra: NOTHING_ON_THE_CPU },
    lowering: WEBGPU_LOWERING,
    keepsArrays: false,
    writesInPlace: false,
    runsSideBySide: false,
    sameBitsInAnyBlock: [],
    needs:
      "an NVIDIA GPU on Linux, CUDA 12 with cuDNN 9, and ONNX Runtime's CUDA libraries " +
      "(docs/train.md says how to get them)",
  },
} as const satisfies Record<string, Device>;

export type DeviceName = keyof typeof DEVICES;
export const DEVICE_NAMES = Object.keys(DEVICES) as [DeviceName, ...DeviceName[]];

/** The graph, lowered to ONNX operations that the device runs. */
export function lowerFor(device: DeviceName, graph: Graph): Graph {
  return prune(lower(prune(graph), DEVICES[device].lowering));
}

/** The graph, lowered to ONNX operations that the CPU runs. */
export const lowerForCpu = (graph: Graph): Graph => lowerFor("cpu", graph);
