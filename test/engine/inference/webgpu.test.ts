/** What WebGPU needs before a device is there: which adapters are software, the plan of the shaders, the self-check. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ForwardAnswer } from "../../../src/engine/inference/answer.ts";
import { planOnGpu } from "../../../src/engine/inference/webgpu/gpu_plan.ts";
import { isSoftware, openGpuDevice } from "../../../src/engine/inference/webgpu/open_device.ts";
import { requireSameAnswers, seededPatch } from "../../../src/engine/inference/webgpu/self_check.ts";
import { modelFor } from "../../../src/engine/models/table.ts";
import { initialize } from "../../../src/engine/nn/initialize.ts";
import { UserError } from "../../../src/util/errors.ts";

const NAMELESS = { vendor: "", architecture: "", device: "", description: "" };

test("adapters in software are known by their names, or because they say so", () => {
  for (const info of [
    { vendor: "google", architecture: "swiftshader" },
    { vendor: "mesa", description: "llvmpipe (LLVM 15.0.6, 256 bits)" },
    { vendor: "microsoft", architecture: "warp" },
    { description: "Microsoft Basic Render Driver" },
    { isFallbackAdapter: true },
  ]) {
    assert.ok(isSoftware({ ...NAMELESS, ...info }), JSON.stringify(info));
  }
  for (const info of [
    { vendor: "nvidia", architecture: "ampere" },
    { vendor: "intel", architecture: "xe-lpg", description: "Intel(R) Graphics" },
    { vendor: "apple", architecture: "metal-3" },
    { isFallbackAdapter: false },
  ]) {
    assert.ok(!isSoftware({ ...NAMELESS, ...info }), JSON.stringify(info));
  }
});

test("without WebGPU there is one sentence", async () => {
  await assert.rejects(
    openGpuDevice(),
    (error) =>
      error instanceof UserError &&
      error.code === "device-unavailable" &&
      /^This browser has no WebGPU, .*: leave out the option device, and the CPU computes\.$/.test(error.message),
  );
});

test("the plan follows the layers and the size of the input", () => {
  for (const [name, side, last] of [
    ["compact", 48, 3],
    ["compact", 40, 2],
    ["slim", 48, 3],
    ["cancernet", 24, 3],
  ] as const) {
    const model = modelFor(name, side);
    const outputs = planOnGpu(model, initialize(model, 1), 2).map(({ output }) => output);
    assert.deepEqual(outputs[0], { height: side, width: side, channels: 3, stored: 4 });
    assert.deepEqual(outputs.at(-1), { height: 1, width: 1, channels: 2, stored: 8 });
    assert.equal(outputs.findLast(({ height }) => height > 1)!.height, last);
  }
});

test("the self-check refuses other numbers, and numbers that are none", async () => {
  const onCpu = (image: Uint8Array): ForwardAnswer => {
    const logit = image.reduce((sum, byte) => sum + byte, 0) / image.length / 100;
    return { logit, probability: 1 / (1 + Math.exp(-logit)) };
  };
  const check = (change: (answer: ForwardAnswer, at: number) => ForwardAnswer) =>
    requireSameAnswers(
      { classify: async (images) => images.map((image, at) => change(onCpu(image), at)), imagesPerBatch: 32 },
      onCpu,
      20,
    );
  await check((answer) => answer);
  await check((answer) => ({ ...answer, probability: answer.probability + 9e-6 }));
  const changes: ((answer: ForwardAnswer) => ForwardAnswer)[] = [
    (answer) => ({ ...answer, probability: answer.probability + 2e-5 }),
    (answer) => ({ ...answer, logit: answer.logit + 1e-3 }),
    (answer) => ({ ...answer, probability: Number.NaN }),
  ];
  for (const change of changes) {
    await assert.rejects(
      check((answer, at) => (at === 31 ? change(answer) : answer)),
      /^Error: a probability of the self-check is \S+ \(log odds \S+\) instead of/,
    );
  }
  assert.notDeepEqual(seededPatch(20, 1), seededPatch(20, 2));
  assert.deepEqual(seededPatch(20, 1), seededPatch(20, 1));
});
