/**
 * The library for browsers gives the numbers of `cancernet predict`: both bundled models, one and two workers, pixels and
 * the three formats of files, in chromium under a strict policy. And what it sends, and whether the page stays responsive.
 */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import sharp from "sharp";
import { buildBrowser } from "../../scripts/build_browser.ts";
import { predict } from "../../src/workflows/predict.ts";
import { NO_BROWSER, startBrowser } from "../support/browser.ts";
import { context } from "../support/cohort.ts";
import { useFolder } from "../support/folder.ts";
import { patches, SIDE } from "./patches.ts";
import { staysResponsive } from "./responsive.ts";
import { classifyIn, loadIn, openPage, type PageAnswer, type Site, serveSite } from "./site.ts";

const COUNT = 1000;
const FEW = 100;
const LARGEST_DIFFERENCE = 1e-6;
const at = useFolder("web");
const skip = NO_BROWSER;
let [browser, site]: [Browser | undefined, Site | undefined] = [undefined, undefined];

before(async () => {
  if (skip) return;
  await buildBrowser(at("library"));
  for (const kind of ["png", "rgb", "jpg", "webp"]) mkdirSync(at("files", kind), { recursive: true });
  const all = await patches(COUNT);
  await Promise.all(
    all.map(async (data, index) => {
      const picture = () => sharp(data, { raw: { width: SIDE, height: SIDE, channels: 3 } });
      writeFileSync(at("files", "rgb", fileName(index, "rgb")), data);
      writeFileSync(at("files", "png", fileName(index, "png")), await picture().png().toBuffer());
      if (index >= FEW) return;
      writeFileSync(at("files", "jpg", fileName(index, "jpg")), await picture().jpeg({ quality: 90 }).toBuffer());
      writeFileSync(at("files", "webp", fileName(index, "webp")), await picture().webp({ quality: 90 }).toBuffer());
    }),
  );
  site = await serveSite({ library: at("library"), files: at("files") });
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await site?.close();
});

const fileName = (index: number, kind: string) => `${String(index).padStart(4, "0")}.${kind}`;

const pathsOf = (kind: string, count: number) =>
  Array.from({ length: count }, (_, index) => `/files/${kind}/${fileName(index, kind)}`);

async function expected(model: string, kind: string) {
  const { predictions } = await predict({ model, images: [at("files", kind)] }, context);
  return predictions;
}

/** The largest difference of the probabilities; labels must be equal. */
function compare(answers: readonly PageAnswer[], predictions: Awaited<ReturnType<typeof expected>>): number {
  assert.equal(answers.length, predictions.length);
  const differences = answers.map(({ probability, label, message }, index) => {
    assert.equal(message, undefined);
    assert.equal(label, predictions[index]!.label, predictions[index]!.file);
    return Math.abs(probability - predictions[index]!.probability);
  });
  return Math.max(...differences);
}

for (const model of ["idc", "cancernet"]) {
  test(`${model}: 1,000 patches have the probabilities of predict, with one and two workers`, { skip }, async (t) => {
    const page = await openPage(browser!, site!);
    const wanted = await expected(model, "png");
    const file = `/models/${model}.onnx`;
    await loadIn(page, { paths: pathsOf("rgb", COUNT), side: SIDE });
    const one = await classifyIn(page, { model: file, workers: 1 });
    const worst = compare(one.answers, wanted);
    t.diagnostic(`${model}: at most ${worst.toExponential(1)} apart, ${Math.round(COUNT / one.seconds)} patches/s`);
    assert.ok(worst <= LARGEST_DIFFERENCE, `${worst}`);
    assert.ok(new Set(one.answers.map(({ label }) => label)).size === 2, "both labels occur");
    const count = model === "idc" ? COUNT : FEW;
    await loadIn(page, { paths: pathsOf("png", count) });
    const two = await classifyIn(page, { model: file, workers: 2 });
    assert.deepEqual(
      two.answers.map(({ probability, logit }) => [probability, logit]),
      one.answers.slice(0, count).map(({ probability, logit }) => [probability, logit]),
      "the same bits from files and from pixels, with one worker and with two",
    );
    assert.equal(one.notice, "Research use only: not for diagnosis.");
    assert.deepEqual(one.classNames, ["no IDC", "IDC"]);
    assert.match(one.cardText, /threshold: 0\.\d+ \(rule: youden\)/);
    await page.close();
  });
}

for (const kind of ["jpg", "webp"]) {
  test(`${kind}: the decoder gives the pixels of the command line's`, { skip }, async () => {
    const page = await openPage(browser!, site!);
    await loadIn(page, { paths: pathsOf(kind, FEW) });
    const { answers } = await classifyIn(page, { model: "/models/idc.onnx", workers: 1 });
    const worst = compare(answers, await expected("idc", kind));
    assert.ok(worst <= LARGEST_DIFFERENCE, `${worst}`);
    await page.close();
  });
}

test("the page stays responsive, and sends nothing", { skip }, async (t) => {
  const page = await openPage(browser!, site!);
  await loadIn(page, { paths: pathsOf("rgb", COUNT), side: SIDE });
  const classify = () => classifyIn(page, { model: "/models/idc.onnx", workers: 2 });
  const [, longest] = await staysResponsive(browser!, page, classify);
  t.diagnostic(`the longest task of the page: ${longest.toFixed(1)} ms of processor time`);
  assert.deepEqual(
    site!.requests.filter((request) => !request.startsWith("GET ")),
    [],
  );
  await page.close();
});
