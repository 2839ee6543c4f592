/** What the library for browsers refuses, in one sentence each: files, pages and calls. Pictures beside it are answered. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { buildBrowser } from "../../scripts/build_browser.ts";
import { bundledModelPath } from "../../src/artifacts/bundled_models.ts";
import { sealOnnx } from "../../src/artifacts/model_file.ts";
import { toOnnx } from "../../src/engine/graph/onnx.ts";
import { readOnnx } from "../../src/engine/graph/read_onnx.ts";
import { buildInferenceGraph } from "../../src/engine/models/inference.ts";
import { MODELS } from "../../src/engine/models/table.ts";
import { initialize } from "../../src/engine/nn/initialize.ts";
import { prune } from "../../src/engine/runtime/lowering/lower.ts";
import { toRecord } from "../../src/histology/dataset/record.ts";
import { decodePixels } from "../../src/histology/image/decode.ts";
import { NO_BROWSER, startBrowser } from "../support/browser.ts";
import { randomPng } from "../support/cohort.ts";
import { useFolder } from "../support/folder.ts";
import { classifyIn, loadIn, openPage, POLICY, type Site, serveSite } from "./site.ts";

const at = useFolder("web refusals");
const skip = NO_BROWSER;
let [browser, site, page]: [Browser?, Site?, Page?] = [];
const idc = readFileSync(bundledModelPath("idc")!);

before(async () => {
  if (skip) return;
  await buildBrowser(at("library"));
  mkdirSync(at("files"));
  site = await serveSite({ library: at("library"), files: at("files") });
  browser = await startBrowser();
  page = await openPage(browser, site);
});

after(async () => {
  await browser?.close();
  await site?.close();
});

/** A model of two views whose card says that it has one. */
function liar(): Uint8Array {
  const model = MODELS.slim;
  const graph = prune(buildInferenceGraph({ model, arrays: initialize(model, 1), views: 2 }));
  const { "cancernet.sha256": _, ...metadata } = readOnnx(idc).metadata;
  return sealOnnx(toOnnx(graph, { metadata }));
}

const MODEL_FILES: readonly (readonly [title: string, bytes: () => Uint8Array, message: RegExp])[] = [
  ["a text", () => Buffer.from("no model"), /^\S+ is not an ONNX model, or is damaged \(.+\): give a run folder/],
  ["nothing", () => Buffer.alloc(0), /is not an ONNX model, or is damaged \(it holds no graph\)/],
  [
    "a model cut off",
    () => idc.subarray(0, 100_000),
    /is not an ONNX model, or is damaged \(it is cut off or damaged\)/,
  ],
  ["a changed byte", () => idc.map((byte, place) => (place === 200_000 ? byte ^ 1 : byte)), /was changed or cut off/],
  ["a model without a card", () => toOnnx(prune(graphOf())), /is an ONNX model, but not one of ours/],
  ["another computation than its card says", liar, /cannot be run in the browser \(its graph is not the one/],
];

const graphOf = () => buildInferenceGraph({ model: MODELS.compact, arrays: initialize(MODELS.compact, 1) });

for (const [title, bytes, message] of MODEL_FILES) {
  test(`a model file: ${title}`, { skip }, async () => {
    writeFileSync(at("files", "model.onnx"), bytes());
    const refusal = (await page!.evaluate('refusal("/files/model.onnx")')) as { message: string };
    assert.match(refusal.message, message);
  });
}

test("an address without a file, and a number of workers that is none", { skip }, async () => {
  assert.deepEqual(await page!.evaluate('refusal("/files/absent.onnx")'), {
    code: "model-missing",
    message: "/files/absent.onnx cannot be loaded (status 404): check the address.",
  });
});

for (const [title, policy, message] of [
  ["WebAssembly", POLICY.replace(" 'wasm-unsafe-eval'", ""), /The model cannot run here .*'wasm-unsafe-eval'\.$/],
  ["workers", POLICY.replace("worker-src 'self'", "worker-src 'none'"), /allow it by worker-src/],
] as const) {
  test(`a page that forbids ${title}`, { skip }, async () => {
    const strict = await serveSite({ library: at("library") }, policy);
    const other = await openPage(browser!, strict);
    const refusal = (await other.evaluate('refusal("/models/idc.onnx")')) as { message: string };
    assert.match(refusal.message, message);
    await other.close();
    await strict.close();
  });
}

test("a call that is stopped, closed or wrong ends with its reason, and others go on", { skip }, async () => {
  assert.deepEqual(await page!.evaluate('stopping("/models/idc.onnx")'), {
    stopped: "enough",
    beside: "no IDC",
    wrong: "Picture 1 of 2 x 1 has 5 bytes, expected 3 or 4 per pixel.",
    closed: "The model was closed: open it again.",
    workers: "workers must be a whole number from 1 to 32, but is 0.",
  });
});

const noise = (channels: 3 | 4) => {
  const pixels = randomPng("noise", 50 * channels, 50);
  return sharp(pixels)
    .raw()
    .toBuffer()
    .then((data) => sharp(data.subarray(0, 50 * 50 * channels), { raw: { width: 50, height: 50, channels } }));
};

/** Pictures that both decoders read: the answer must be the same bits as that for the command line's pixels. */
const READ: readonly (readonly [name: string, bytes: () => Promise<Buffer>])[] = [
  ["alpha.png", async () => (await noise(4)).png().toBuffer()],
  ["grey.png", async () => (await noise(3)).greyscale().png().toBuffer()],
  ["grey-alpha.png", async () => (await noise(4)).greyscale().png().toBuffer()],
  ["palette.png", async () => (await noise(3)).png({ palette: true }).toBuffer()],
  ["palette-16.png", async () => (await noise(3)).png({ palette: true, colours: 16 }).toBuffer()],
  ["palette-alpha.png", async () => (await noise(4)).png({ palette: true, colours: 100 }).toBuffer()],
  ["interlaced.png", async () => (await noise(3)).png({ progressive: true }).toBuffer()],
  ["16-bit.png", async () => (await noise(3)).toColourspace("rgb16").png().toBuffer()],
  ["one-bit.png", async () => (await noise(3)).greyscale().threshold().png({ palette: true, colours: 2 }).toBuffer()],
  ["large.jpg", async () => (await noise(3)).resize(211, 97).jpeg({ quality: 70 }).toBuffer()],
  ["progressive.jpg", async () => (await noise(3)).jpeg({ progressive: true, chromaSubsampling: "4:4:4" }).toBuffer()],
  ["grey.jpg", async () => (await noise(3)).greyscale().jpeg().toBuffer()],
  ["alpha.webp", async () => (await noise(4)).webp({ quality: 60 }).toBuffer()],
  ["lossless.webp", async () => (await noise(3)).webp({ lossless: true }).toBuffer()],
];

test("rare kinds of pictures have the pixels of the command line", { skip }, async () => {
  const paths: string[] = [];
  for (const [name, bytes] of READ) {
    const file = await bytes();
    writeFileSync(at("files", name), file);
    writeFileSync(at("files", `${name}.rgb`), toRecord(await decodePixels(file, 1e6)));
    paths.push(`/files/${name}`, `/files/${name}.rgb`);
  }
  await loadIn(page!, { paths, side: 50 });
  const { answers } = await classifyIn(page!, { model: "/models/idc.onnx", workers: 2 });
  for (const [index, [name]] of READ.entries()) {
    assert.equal(answers[2 * index]!.message, undefined, name);
    assert.equal(answers[2 * index]!.logit, answers[2 * index + 1]!.logit, name);
  }
});

const UNREAD: readonly (readonly [name: string, bytes: () => Promise<Buffer>, message: RegExp])[] = [
  ["text.png", async () => Buffer.from("no picture"), /does not begin as PNG, JPEG, TIFF or WebP does/],
  ["empty.png", async () => Buffer.alloc(0), /it is empty/],
  ["cut.png", async () => half(await (await noise(3)).png().toBuffer()), /begins as PNG does, but is damaged/],
  ["cut.jpg", async () => half(await (await noise(3)).jpeg().toBuffer()), /begins as JPEG does, but is damaged/],
  ["cut.webp", async () => half(await (await noise(3)).webp().toBuffer()), /begins as WebP does, but is damaged/],
  ["changed.png", async () => changed(await (await noise(3)).png().toBuffer()), /begins as PNG does, but is damaged/],
  ["picture.tif", async () => (await noise(3)).tiff().toBuffer(), /a TIFF picture/],
  ["cmyk.jpg", async () => (await noise(3)).toColourspace("cmyk").jpeg().toBuffer(), /damaged|colour profile/],
  ["profile.jpg", async () => (await noise(3)).withIccProfile("p3").jpeg().toBuffer(), /a colour profile/],
  ["profile.png", async () => (await noise(3)).withIccProfile("p3").png().toBuffer(), /a colour profile/],
  ["profile.webp", async () => (await noise(3)).withIccProfile("p3").webp().toBuffer(), /a colour profile/],
  ["turned.jpg", async () => (await noise(3)).withMetadata({ orientation: 6 }).jpeg().toBuffer(), /turned|profile/],
];

const half = (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1);
const changed = (bytes: Buffer) => Buffer.from(bytes.map((byte, place) => (place === 1000 ? byte ^ 1 : byte)));

test("pictures that are refused do not stop the others", { skip }, async () => {
  for (const [name, bytes] of UNREAD) writeFileSync(at("files", name), await bytes());
  writeFileSync(at("files", "sound.png"), randomPng("sound"));
  const names = [...UNREAD.map(([name]) => name), "sound.png"];
  await loadIn(page!, { paths: names.map((name) => `/files/${name}`) });
  const { answers } = await classifyIn(page!, { model: "/models/idc.onnx", workers: 1 });
  for (const [index, [name, , message]] of UNREAD.entries()) {
    assert.match(answers[index]!.message ?? "answered", message, name);
    assert.ok(answers[index]!.message!.startsWith(name));
  }
  assert.ok(answers.at(-1)!.probability > 0);
});
