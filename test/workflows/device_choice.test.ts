/** Which device a command takes: the fastest by its own time, none that fails, and no quiet change of what was asked for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseEngine, devicesOf } from "../../src/engine/engines.ts";
import { MODELS } from "../../src/engine/models/table.ts";
import { chooseDevice, type Trial } from "../../src/workflows/device/choice.ts";
import { refused } from "../support/refused.ts";

const { signal } = new AbortController();
const nothing: Trial = { run: async () => {}, close: async () => {} };

test("the CPU needs no trial", async () => {
  const open = () => assert.fail("nothing is timed");
  assert.deepEqual(await chooseDevice({ wanted: "cpu", open, signal }), { device: "cpu", reason: "as --device says" });
});

test("auto among one device takes it", async () => {
  const choice = await chooseDevice({ wanted: "auto", among: ["cpu"], open: async () => nothing, signal });
  assert.deepEqual(choice, { device: "cpu", reason: "the only choice" });
});

test("the engine follows the device, and both together must fit", () => {
  assert.deepEqual(chooseEngine(MODELS.cancernet, "auto", "webgpu"), {
    engine: "graph",
    reason: "not fused, because it runs on cpu",
  });
  assert.equal(chooseEngine(MODELS.cancernet, "auto", "cpu").engine, "fused");
  assert.deepEqual(devicesOf("fused"), ["cpu"]);
  assert.throws(
    () => chooseEngine(MODELS.cancernet, "fused", "webgpu"),
    refused(
      "options-conflict",
      "The fused engine runs on cpu, not on webgpu: leave out --engine, or give --device cpu.",
    ),
  );
});

test("a device whose driver is missing is an error that says what to do, not a run on the CPU", async () => {
  const before = process.env.VK_DRIVER_FILES;
  process.env.VK_DRIVER_FILES = "/no/driver.json";
  try {
    const open = () => assert.fail("nothing is opened");
    // Where the machine has such a GPU, the device is taken.
    for (const wanted of process.platform === "linux" ? (["webgpu"] as const) : []) {
      await assert.rejects(
        chooseDevice({ wanted, open, signal }),
        refused(
          "device-unavailable",
          /^The device webgpu does not start \(.+\): it needs a GPU .+, or run with --device cpu\.$/,
        ),
      );
    }
  } finally {
    if (before === undefined) delete process.env.VK_DRIVER_FILES;
    else process.env.VK_DRIVER_FILES = before;
  }
});
