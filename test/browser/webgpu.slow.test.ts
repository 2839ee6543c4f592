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
  return createShaderModule.call(this, { code: code.replace("tap < 9u", "tap < 8u") });
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
  absent: "delete Navigator.prototype.gpu; delete WorkerNavigator.prototype.gpu;",
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

async function classifiedOn(page: Page, model: string, workers = 1) {
  const paths = Array.from({ length: COUNT }, (_, index) => `/files/rgb/${index + 100}.rgb`);
  await loadIn(page, { paths, side: SIDE });
  const run = await classifyIn(page, { model: `/models/${model}.onnx`, workers, device: "webgpu" });
  await page.close();
  return run;
}

/** The largest difference from `predict`; no label may differ. */
async function worstOf({ answers }: Awaited<ReturnType<typeof classifiedOn>>, model: string): Promise<number> {
  const { predictions } = await predict({ model, images: [at("files", "png")] }, context);
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

test("a device that is lost in the middle: all answers, by the CPU, and one warning", { skip }, async (t) => {
  if (!needsWebGpu(t)) return;
  const run = await classifiedOn(await pageOn("real", "lost"), "idc");
  assert.ok((await worstOf(run, "idc")) <= LARGEST_DIFFERENCE);
  assert.equal(run.warnings.length, 1);
  assert.match(run.warnings[0]!, /^The WebGPU device failed \(.*(lost|destroyed).*\): the CPU computes instead\.$/);
});

for (const [machine, reason] of [
  ["wrong", /^The WebGPU device did not pass the self-check \(a probability of the self-check is \S+ .* instead of /],
  ["invalid", /^The WebGPU device did not pass the self-check \(.*(usage|Usage)/],
] as const) {
  test(`a device with ${machine} work: the CPU computes from the beginning`, { skip }, async (t) => {
    if (!needsWebGpu(t)) return;
    const run = await classifiedOn(await pageOn("real", machine), "idc", 2);
    assert.ok((await worstOf(run, "idc")) <= 1e-6, "the numbers of the CPU");
    assert.equal(run.warnings.length, 1, "two workers warn once");
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
