/**
 * The page of "export --page" in chromium, from a plain static server: the numbers of "cancernet predict", everything that
 * a person can do with it, hard cases, and that it sends nothing.
 */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { bundledModelPath } from "../../src/artifacts/bundled_models.ts";
import { predictionCsvLines } from "../../src/reports/prediction/csv.ts";
import { explain } from "../../src/workflows/explain.ts";
import { predict } from "../../src/workflows/predict.ts";
import { NO_BROWSER, startBrowser, untilTrue } from "../support/browser.ts";
import { context } from "../support/cohort.ts";
import { program } from "../support/command.ts";
import { useFolder } from "../support/folder.ts";
import { checkLooks, violationsOn } from "./axe.ts";
import {
  drop,
  INPUTS,
  openExported,
  rowsOf,
  type StaticServer,
  savedBy,
  serveFolder,
  textOf,
  untilDone,
} from "./exported_page.ts";
import { patches, SIDE } from "./patches.ts";

const LARGEST_DIFFERENCE = 1e-6;
const MANY = 500;
const FEW = 12;
const at = useFolder("page");
const skip = NO_BROWSER;
let [browser, server]: [Browser?, StaticServer?] = [];

before(async () => {
  if (skip) return;
  const { status, stderr } = program(["export", "idc", "--page", at("page")]);
  assert.equal(status, 0, stderr);
  for (const name of ["many", "few/deep"]) mkdirSync(at(name), { recursive: true });
  const all = (await patches(MANY)).map((data) => sharp(data, { raw: { width: SIDE, height: SIDE, channels: 3 } }));
  await Promise.all(
    all.map(async (picture, index) => {
      const name = String(index).padStart(3, "0");
      await picture.toFile(at("many", `${name}.png`));
      if (index >= FEW) return;
      const place = index % 2 === 0 ? "few" : "few/deep";
      await picture.toFile(at(place, `${name}, "a".${["png", "jpg", "webp"][index % 3]}`));
    }),
  );
  writeFileSync(at("few", "notes.txt"), "no image");
  writeFileSync(at("few", "damaged.png"), readFileSync(at("many", "000.png")).subarray(0, 500));
  server = await serveFolder(at("page"));
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  server?.close();
});

test("the folder holds the page, the model and its licences; the policy in it is that of _headers", { skip }, () => {
  assert.deepEqual(readdirSync(at("page")), [
    ...["_headers", "icon.svg", "index.html", "licences.txt", "model.onnx", "mozjpeg_dec.wasm"],
    ...[
      "openjpegwasm_decode.wasm",
      "page.js",
      "page.json",
      "service-worker.js",
      "slide_worker.js",
      "style.css",
      "webp_dec.wasm",
      "worker.js",
    ],
  ]);
  assert.deepEqual(readFileSync(at("page", "model.onnx")), readFileSync(bundledModelPath("idc")!));
  const policy = /content="(default-src[^"]+)"/.exec(readFileSync(at("page", "index.html"), "utf8"))![1];
  assert.ok(readFileSync(at("page", "_headers"), "utf8").includes(`${policy}; frame-ancestors 'self'\n`));
});

test("a folder: the CSV is that of predict, and nothing is sent", { skip }, async () => {
  const { page, foreign, complaints, close } = await openExported(browser!, server!);
  await page.setInputFiles(INPUTS.folder, at("few"));
  await untilDone(page, `${FEW + 1} images`);
  const { status, stdout } = program(["predict", "idc", "few", "--csv"], { cwd: at() });
  assert.equal(status, 2, "the damaged image is counted");
  sameTables(await savedBy(page, "Download CSV"), stdout);
  const text = String(await page.evaluate(textOf("main")));
  assert.match(text, /damaged\.png is not a readable picture/);
  assert.match(text, /1 file in the folder is left out/);
  assert.match(text, /1 file could not be used/);
  assert.match(String(await page.evaluate(textOf("header"))), /Research use only: not for diagnosis\./);
  assert.deepEqual({ foreign, complaints }, { foreign: [], complaints: [] });
  const names = readdirSync(at("page")).map((name) => `GET /${name}`);
  assert.deepEqual(
    server!.requests.filter((request) => request !== "GET /" && !names.includes(request)),
    [],
  );
  await close();
});

/** The same columns, files, labels and thresholds; probabilities may differ in the last digits. */
function sameTables(own: string, predicted: string): void {
  const rows = (text: string) =>
    text
      .trimEnd()
      .split("\n")
      .map((line) => /^(.*),([\d.e-]+|probability),(.*)$/.exec(line)!.slice(1));
  const [found, expected] = [rows(own), rows(predicted)];
  assert.deepEqual(
    found.map(([file, , rest]) => [file, rest]),
    expected.map(([file, , rest]) => [file, rest]),
  );
  for (const [index, [, probability]] of expected.entries()) {
    if (index > 0) assert.ok(Math.abs(Number(found[index]![1]) - Number(probability)) <= LARGEST_DIFFERENCE);
  }
}

test("500 images dropped at once, stopped and continued, then removed", { skip }, async () => {
  const { page, foreign, close } = await openExported(browser!, server!);
  // A click by playwright may come after the end.
  await page.evaluate(`new MutationObserver((_, observer) => {
    const button = [...document.querySelectorAll("button")].find(({ innerText }) => innerText === "Stop");
    if (!button) return;
    observer.disconnect();
    button.click();
  }).observe(document.body, { subtree: true, childList: true })`);
  await drop(page, [at("many"), at("few", "damaged.png")]);
  await untilTrue(page, `${textOf("main")}.includes("Stopped.")`);
  await page.getByRole("button", { name: "Continue" }).click();
  await untilDone(page, `${MANY + 1} images`);
  const lines = (await savedBy(page, "Download CSV")).trimEnd().split("\n");
  assert.equal(lines.length, 1 + MANY);
  assert.match(lines[1]!, /^many\/000\.png,/);
  assert.equal((await rowsOf(page)).length, 200);
  await page.getByRole("button", { name: "Show more" }).click();
  assert.equal((await rowsOf(page)).length, 400);
  await page.getByRole("button", { name: "Remove all" }).click();
  assert.equal((await rowsOf(page)).length, 0);
  // A drop right after the removal of a running work.
  await drop(page, [at("many")]);
  await page.getByRole("button", { name: "Remove all" }).click();
  await drop(page, [at("many", "001.png")]);
  await untilDone(page, "1 image");
  assert.deepEqual(foreign, []);
  await close();
});

test("two models side by side, and files that are no model of ours", { skip }, async () => {
  const { page, close } = await openExported(browser!, server!);
  await page.setInputFiles(INPUTS.images, [at("many", "000.png"), at("many", "001.png")]);
  await page.setInputFiles(INPUTS.model, bundledModelPath("cancernet")!);
  await untilTrue(page, `${textOf("main")}.includes("The labels differ for")`);
  await untilDone(page, "2 images");
  const images = [at("many", "000.png"), at("many", "001.png")];
  const { predictions } = await predict({ model: "cancernet", images }, context);
  const named = predictions.map((one) => ({ ...one, file: basename(one.file) }));
  sameTables(await savedBy(page, "CSV of cancernet.onnx"), predictionCsvLines(named).join("\n"));
  for (const [index, cells] of (await rowsOf(page)).entries()) {
    assert.equal(cells.length, 6);
    assert.equal(cells[4], predictions[index]!.probability.toFixed(4));
  }
  writeFileSync(at("foreign.onnx"), "no model");
  const changed = readFileSync(bundledModelPath("idc")!);
  changed[200_000]! ^= 1;
  writeFileSync(at("changed.onnx"), changed);
  for (const [name, sentence] of [
    ["foreign.onnx", "foreign.onnx is not an ONNX model, or is damaged"],
    ["changed.onnx", "changed.onnx was changed or cut off"],
  ] as const) {
    await page.setInputFiles(INPUTS.model, at(name));
    await untilTrue(page, `${textOf("main")}.includes(${JSON.stringify(sentence)})`);
  }
  assert.equal((await rowsOf(page))[0]!.length, 4);
  await close();
});

test("Grad-CAM of a patch, with the numbers of explain", { skip }, async () => {
  const { page, foreign, complaints, close } = await openExported(browser!, server!);
  await page.setInputFiles(INPUTS.images, [at("many", "000.png")]);
  await untilDone(page, "1 image");
  await page.getByRole("button", { name: "Show the evidence in 000.png" }).click();
  await untilTrue(page, "document.querySelectorAll('dialog canvas').length === 2");
  const { report } = await explain({ model: "idc", images: [at("many", "000.png")], out: at("why") }, context);
  const strongest = Math.max(...report.patches[0]!.grad_cam.flat().map(Math.abs));
  const text = String(await page.evaluate(textOf("dialog")));
  assert.ok(
    text.includes(`The strongest colour stands for ${strongest.toPrecision(2)} (log odds).`),
    `${text} ${strongest}`,
  );
  assert.ok(text.includes(`Grad-CAM at ${report.settings.layer}`), text);
  assert.match(text, /Research use only: not for diagnosis\./);
  assert.deepEqual(await violationsOn(page), []);
  await page.keyboard.press("Escape");
  await untilTrue(page, "document.querySelector('dialog') === null");
  assert.deepEqual({ foreign, complaints }, { foreign: [], complaints: [] });
  await close();
});

test("works without a network after the first load", { skip }, async () => {
  const { page, complaints, close } = await openExported(browser!, server!);
  await untilTrue(page, `${textOf("footer")}.includes("also works without a network")`);
  await page.context().setOffline(true);
  await page.reload();
  await untilTrue(page, "document.querySelector('details') !== null");
  await page.setInputFiles(INPUTS.folder, at("few"));
  await untilDone(page, `${FEW + 1} images`);
  assert.match(String(await page.evaluate(textOf("footer"))), /also works without a network/);
  assert.deepEqual(complaints, []);
  await close();
});

test("goes on after the browser has frozen the page in the background", { skip }, async () => {
  const { page, complaints, close } = await openExported(browser!, server!);
  const session = await page.context().newCDPSession(page);
  await page.setInputFiles(INPUTS.folder, at("many"));
  await untilTrue(page, "document.querySelector('progress') !== null");
  await session.send("Page.setWebLifecycleState", { state: "frozen" });
  await sleep(2000);
  await session.send("Page.setWebLifecycleState", { state: "active" });
  await untilDone(page, `${MANY} images`);
  assert.deepEqual(complaints, []);
  await close();
});

test("a pasted image, and the buttons by keyboard", { skip }, async () => {
  const { page, close } = await openExported(browser!, server!);
  const bytes = readFileSync(at("many", "000.png")).toString("base64");
  await page.evaluate(`{
    const data = new DataTransfer();
    const bytes = Uint8Array.from(atob("${bytes}"), (one) => one.charCodeAt(0));
    data.items.add(new File([bytes], "image.png", { type: "image/png" }));
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
  }`);
  await untilDone(page, "1 image");
  assert.equal((await rowsOf(page))[0]![1], "image.png");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.keyboard.press("Space")]);
  await chooser.setFiles(at("many", "001.png"));
  await untilDone(page, "2 images");
  await close();
});

test("axe-core and the width of the page: both themes, 1280 and 400 pixels", { skip }, async () => {
  const { page, complaints, close } = await openExported(browser!, server!);
  assert.deepEqual(await violationsOn(page), []);
  await page.setInputFiles(INPUTS.folder, at("few"));
  await page.setInputFiles(INPUTS.model, bundledModelPath("cancernet")!);
  await untilTrue(page, `${textOf("main")}.includes("The labels differ for")`);
  await untilDone(page, `${FEW + 1} images`);
  await page.locator("summary").first().click();
  await checkLooks(page);
  assert.deepEqual(complaints, []);
  await close();
});

test("a browser without WebAssembly SIMD, and one that is too old, get a sentence", { skip }, async (t) => {
  const old = await startBrowser(["--js-flags=--noenable-sse3 --noenable-ssse3 --noenable-sse4-1"]);
  t.after(() => old.close());
  assert.match(
    await refusalIn(await old.newPage()),
    /^This browser cannot run the model, because it lacks WebAssembly SIMD: use/,
  );
  const page = await browser!.newPage();
  await page.addInitScript("delete Promise.withResolvers");
  assert.match(await refusalIn(page), /^This browser is too old to run the model: use/);
  await page.close();
});

async function refusalIn(page: Page): Promise<string> {
  await page.goto(server!.address);
  await untilTrue(page, "document.querySelector('[role=alert]') !== null");
  return page.evaluate(textOf("[role=alert]"));
}
