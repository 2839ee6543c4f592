/** The devices by name: how ONNX Runtime reaches each, what is lowered for it, where a training's arrays stay. */
import type { Graph } from "../graph/graph.ts";
import { CPU_LOWERING } from "./lowering/cpu.ts";
import { type LoweringTable, lower, prune } from "./lowering/lower.ts";
import { WEBGPU_LOWERING } from "./lowering/webgpu.ts";

export interface Device {
  /** What it is, for people. */
  readonly title: string;
  /** What ONNX Runtime is asked for. */
  readonly session: { readonly executionProviders: string[]; readonly extra?: Record<string, unknown> };
  /** How operations that it lacks, or runs badly, are built from others. */
  readonly lowering: LoweringTable;
  /** Whether the arrays of a training stay in the device's own memory from step to step. */
  readonly keepsArrays: boolean;
  /** Whether results can be left in memory that is given for them without a copy, see Session. */
  readonly writesInPlace: boolean;
  /** Whether sessions of one thread each, side by side, get through many runs sooner than one session with all threads. */
  readonly runsSideBySide: boolean;
  /** What it needs beyond this package, and so what to do if it does not start; without it the device is always there. */
  readonly needs?: string;
}

/** ONNX Runtime gives what a device cannot run to the CPU, without a word; with this it refuses instead. */
const NOTHING_ON_THE_CPU = { session: { disable_cpu_ep_fallback: "1" } } as const;

export const DEVICES = {
  cpu: {
    title: "CPU",
    session: { executionProviders: ["cpu"] },
    lowering: CPU_LOWERING,
    keepsArrays: false,
    writesInPlace: true,
    runsSideBySide: true,
  },
  webgpu: {
    title: "GPU by WebGPU (Vulkan, Metal, Direct3D 12)",
    session: { executionProviders: ["webgpu"], extra: NOTHING_ON_THE_CPU },
    lowering: WEBGPU_LOWERING,
    keepsArrays: true,
    writesInPlace: false,
    runsSideBySide: false,
    needs: "a GPU whose driver brings Vulkan, Metal or Direct3D 12",
  },
  /** onnxruntime-node leaves results in a device's memory for WebGPU alone, so here the arrays travel in each step. */
  cuda: {
    title: "NVIDIA GPU by CUDA",
    session: { executionProviders: ["cuda"], extra: NOTHING_ON_THE_CPU },
    lowering: WEBGPU_LOWERING,
    keepsArrays: false,
    writesInPlace: false,
    runsSideBySide: false,
    needs:
      "an NVIDIA GPU on Linux, CUDA 12 with cuDNN 9, and ONNX Runtime's CUDA libraries " +
      "(docs/train.md says how to get them)",
  },
} as const satisfies Record<string, Device>;

export type DeviceName = keyof typeof DEVICES;
export const DEVICE_NAMES = Object.keys(DEVICES) as [DeviceName, ...DeviceName[]];

/** The graph as ONNX operations that the device runs. */
export function lowerFor(device: DeviceName, graph: Graph): Graph {
  return prune(lower(prune(graph), DEVICES[device].lowering));
}

/** The graph as ONNX operations that the CPU runs. */
export const lowerForCpu = (graph: Graph): Graph => lowerFor("cpu", graph);
