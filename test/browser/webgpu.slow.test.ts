/**
 * WebGPU in the browser, on chromium's adapter in software: the probabilities of `predict`, and what happens without an
 * adapter, with wrong numbers, and when the device is lost. Lines before the worker's code stand in for such machines.
 */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { after, before, type TestContext, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { buildBrowser } from "../../scripts/build_browser.ts";
import { bundledModelPath } from "../../src/artifacts/bundled_models.ts";
import { sealOnnx } from "../../src/artifacts/model_file.ts";
import { toOnnx } from "../../src/engine/graph/onnx.ts";
import { readOnnx } from "../../src/engine/graph/read_onnx.ts";
import { buildInferenceGraph } from "../../src/engine/models/inference.ts";
import { modelFor } from "../../src/engine/models/table.ts";
import { initialize } from "../../src/engine/nn/initialize.ts";
import { prune } from "../../src/engine/runtime/lowering/lower.ts";
import { predict } from "../../src/workflows/predict.ts";
import { NO_BROWSER, startBrowser } from "../support/browser.ts";
import { context } from "../support/cohort.ts";
import { useFolder } from "../support/folder.ts";
import { patches, SIDE } from "./patches.ts";
import { classifyIn, loadIn, openPage, type Site, serveSite } from "./site.ts";

const COUNT = 60;
const LARGEST_DIFFERENCE = 1e-5;
const WITH_SOFTWARE_ADAPTER = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

/** Lines that come before the worker's code. */
const MACHINES = {
  software: "",
  real: `
for (const name of ["vendor", "architecture", "device", "description"])
  Object.defineProperty(GPUAdapterInfo.prototype, name, { get: () => "real" });
Object.defineProperty(GPUAdapterInfo.prototype, "isFallbackAdapter", { get: () => false });`,
  wrong: `
const { createShaderModule } = GPUDevice.prototype;
GPUDevice.prototype.createShaderModule = function ({ code }) {
  return createShaderModule.call(this, { code: code.replace("line < 3u", "line < 2u") });
};`,
  invalid: `
const { createBuffer } = GPUDevice.prototype;
GPUDevice.prototype.createBuffer = function ({ size, usage }) {
  return createBuffer.call(this, { size, usage: usage & ~4 });
};`,
  lost: `
const { requestDevice } = GPUAdapter.prototype;
GPUAdapter.prototype.requestDevice = async function () {
  const device = await requestDevice.call(this);
  const { submit } = GPUQueue.prototype;
  let submitted = 0;
  // The first is the self-check, the next the first group of pictures.
  GPUQueue.prototype.submit = function (commands) {
    submit.call(this, commands);
    if (++submitted === 3) device.destroy();
  };
  return device;
};`,
  absent: "delete WorkerNavigator.prototype.gpu;",
} as const;

const at = useFolder("webgpu");
const skip = NO_BROWSER;
const sites = new Map<string, Site>();
let [browser, hasWebGpu]: [Browser | undefined, boolean] = [undefined, false];

before(async () => {
  if (skip) return;
  await buildBrowser(at("library"));
  for (const kind of ["png", "rgb"]) mkdirSync(at("files", kind), { recursive: true });
  for (const [index, data] of (await patches(COUNT)).entries()) {
    writeFileSync(at("files", "rgb", `${index + 100}.rgb`), data);
    writeFileSync(at("files", "png", `${index + 100}.png`), await pngOf(data));
  }
  browser = await startBrowser(WITH_SOFTWARE_ADAPTER);
  const page = await pageOn("software");
  hasWebGpu = await page.evaluate("navigator.gpu?.requestAdapter().then((adapter) => adapter !== null) ?? false");
  await page.close();
});

after(async () => {
  await browser?.close();
  for (const site of sites.values()) await site.close();
});

const pngOf = (data: Uint8Array) =>
  sharp(data, { raw: { width: SIDE, height: SIDE, channels: 3 } })
    .png()
    .toBuffer();

/** A page whose workers believe that they are on one of these machines. */
async function pageOn(...machines: (keyof typeof MACHINES)[]): Promise<Page> {
  const name = machines.join(" ");
  const library = at("libraries", name);
  if (!sites.has(name)) {
    cpSync(at("library"), library, { recursive: true });
    const lines = machines.map((machine) => `{${MACHINES[machine]}}`).join("\n");
    writeFileSync(`${library}/worker.js`, `${lines}\n${readFileSync(at("library", "worker.js"), "utf8")}`);
    sites.set(name, await serveSite({ library, files: at("files") }));
  }
  return openPage(browser!, sites.get(name)!);
}

/** Whether the browser has WebGPU; the test is skipped by name if not. */
function needsWebGpu(t: TestContext): boolean {
  if (!hasWebGpu) t.skip("this chromium has no WebGPU");
  return hasWebGpu;
}

async function load(page: Page, count: number): Promise<void> {
  const paths = Array.from({ length: count }, (_, index) => `/files/rgb/${index + 100}.rgb`);
  await loadIn(page, { paths, side: SIDE });
}

async function classifiedOn(page: Page, model: string, workers = 1) {
  await load(page, COUNT);
  const run = await classifyIn(page, { model: `/models/${model}.onnx`, workers, device: "webgpu" });
  await page.close();
  return run;
}

const predicted = new Map<string, ReturnType<typeof predict>>();

/** The largest difference from `predict`; no label may differ. */
async function worstOf({ answers }: Awaited<ReturnType<typeof classifiedOn>>, model: string): Promise<number> {
  if (!predicted.has(model)) predicted.set(model, predict({ model, images: [at("files", "png")] }, context));
  const { predictions } = await predicted.get(model)!;
  assert.equal(answers.length, predictions.length);
  const differences = answers.map(({ probability, label }, index) => {
    assert.equal(label, predictions[index]!.label, `patch ${index}`);
    return Math.abs(probability - predictions[index]!.probability);
  });
  return Math.max(...differences);
}

for (const model of ["idc", "cancernet"]) {
  test(`${model}: 60 patches have the probabilities of predict`, { skip }, async (t) => {
    if (!needsWebGpu(t)) return;
    const run = await classifiedOn(await pageOn("real"), model);
    const worst = await worstOf(run, model);
    t.diagnostic(`${model}: at most ${worst.toExponential(1)} apart, in ${run.seconds.toFixed(1)} s`);
    assert.ok(worst <= LARGEST_DIFFERENCE, `${worst}`);
    assert.ok(new Set(run.answers.map(({ label }) => label)).size === 2, "both labels occur");
    assert.deepEqual(run.warnings, []);
  });
}

/** A model that is not trained, for patches of 64 x 64 pixels. */
function untrained(name: "compact" | "cancernet", side: number, views: number): Uint8Array {
  const model = modelFor(name, side);
  const graph = prune(buildInferenceGraph({ model, arrays: initialize(model, 1), views }));
  const { "cancernet.sha256": _, ...facts } = readOnnx(readFileSync(bundledModelPath("idc")!)).metadata;
  const sizes = { record_side: "64", input_side: `${side}`, views: `${views}`, model: name };
  const own = Object.fromEntries(Object.entries(sizes).map(([key, value]) => [`cancernet.${key}`, value]));
  return sealOnnx(toOnnx(graph, { metadata: { ...facts, ...own } }));
}

for (const [name, side, views] of [
  ["compact", 40, 2],
  ["cancernet", 24, 3],
] as const) {
  test(`${name} with an input of ${side} pixels and ${views} views`, { skip }, async (t) => {
    if (!needsWebGpu(t)) return;
    writeFileSync(at("files", "model.onnx"), untrained(name, side, views));
    const page = await pageOn("real");
    await load(page, 20);
    const model = "/files/model.onnx";
    const cpu = await classifyIn(page, { model, workers: 1 });
    const gpu = await classifyIn(page, { model, workers: 1, device: "webgpu" });
    await page.close();
    assert.deepEqual(gpu.warnings, []);
    const apart = gpu.answers.map(({ logit }, index) => Math.abs(logit - cpu.answers[index]!.logit));
    assert.ok(Math.max(...apart) <= LARGEST_DIFFERENCE, `${Math.max(...apart)}`);
    assert.ok(new Set(gpu.answers.map(({ logit }) => logit)).size > 1, "the answers depend on the patch");
  });
}

test("a device that is lost in the middle: all answers, by the CPU, and one warning", { skip }, async (t) => {
  if (!needsWebGpu(t)) return;
  const run = await classifiedOn(await pageOn("real", "lost"), "idc");
  assert.ok((await worstOf(run, "idc")) <= LARGEST_DIFFERENCE);
  assert.equal(run.warnings.length, 1);
  assert.match(run.warnings[0]!, /^The WebGPU device failed \(.*(lost|destroyed).*\): the CPU computes instead\.$/);
});

for (const [machine, workers, reason] of [
  [
    "wrong",
    1,
    /^The WebGPU device did not pass the self-check \(a probability of the self-check is \S+ .* instead of /,
  ],
  ["invalid", 2, /^The WebGPU device did not pass the self-check \(.*(usage|Usage)/],
] as const) {
  test(`a device with ${machine} work: the CPU computes from the beginning`, { skip }, async (t) => {
    if (!needsWebGpu(t)) return;
    const run = await classifiedOn(await pageOn("real", machine), "idc", workers);
    assert.ok((await worstOf(run, "idc")) <= 1e-6, "the numbers of the CPU");
    assert.equal(run.warnings.length, 1, "the workers warn once");
    assert.match(run.warnings[0]!, reason);
    assert.match(run.warnings[0]!, /: the CPU computes instead\.$/);
  });
}

for (const [machine, message] of [
  ["software", /^The only WebGPU adapter is a software one \(google swiftshader\): leave out the option device, and /],
  [
    "absent",
    /^This browser has no WebGPU, or the page's address is not secure \(https\): leave out the option device,/,
  ],
] as const) {
  test(`a machine without a real adapter (${machine}) is refused`, { skip }, async (t) => {
    if (!needsWebGpu(t)) return;
    const page = await pageOn(machine);
    const refusal = await page.evaluate('refusal("/models/idc.onnx", { device: "webgpu" })');
    assert.equal((refusal as { code: string }).code, "device-unavailable");
    assert.match((refusal as { message: string }).message, message);
    assert.deepEqual(await page.evaluate('refusal("/models/idc.onnx", { device: "tpu" })'), {
      code: "option-invalid",
      message: "device must be one of cpu, webgpu, but is tpu.",
    });
    await page.close();
  });
}
