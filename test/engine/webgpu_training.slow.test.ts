/** The training step on WebGPU against PyTorch: every gradient, and five steps of the tutorial. */
import { testGoldenTraining } from "./golden_training.ts";
import { startWebGpu } from "./webgpu.ts";

testGoldenTraining({ engine: "graph", device: "webgpu", runs: ["gentle"], skip: await startWebGpu() });
