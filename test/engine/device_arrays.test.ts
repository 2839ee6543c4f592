/** The arrays of a training on a device: each is freed once, when the next step has replaced it or the training ends. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { initialize } from "../../src/engine/nn/initialize.ts";
import { openGraph } from "../../src/engine/runtime/node/session.ts";
import { DeviceTensor } from "../../src/engine/runtime/session.ts";
import { DeviceArrays } from "../../src/engine/training/device_arrays.ts";
import type { StepOptions } from "../../src/engine/training/step.ts";
import { stateSpecs, updatedName } from "../../src/engine/training/step_graph.ts";
import { model } from "./golden_images.ts";

const OPTIONS: StepOptions = {
  model,
  imageSize: [48, 48],
  optimizer: "sgd",
  weightDecay: 0,
  dropout: false,
  move: false,
  recolour: false,
};

test("what a step replaces is freed once, and the rest when the training ends", async () => {
  const names = stateSpecs(OPTIONS).map(({ name }) => name);
  const freed: number[] = [];
  const stepOf = (step: number) =>
    new Map(
      names.map((name) => {
        const tensor = {
          dispose(): void {
            freed[step] = (freed[step] ?? 0) + 1;
          },
        };
        return [updatedName(name), new DeviceTensor(tensor as DeviceTensor["tensor"])];
      }),
    );
  const arrays = new DeviceArrays(OPTIONS, initialize(model, 1), { threads: 1, device: "webgpu", openGraph });
  assert.deepEqual(Object.keys(arrays.feeds(names)), names);
  const steps = [stepOf(0), stepOf(1)];
  arrays.swap(steps[0]!);
  assert.deepEqual(freed, [], "the start lies in memory");
  assert.equal(arrays.feeds(names)[names[0]!], steps[0]!.get(updatedName(names[0]!)));
  arrays.swap(steps[1]!);
  assert.deepEqual(freed, [names.length]);
  await arrays.close();
  assert.deepEqual(freed, [names.length, names.length]);
});
