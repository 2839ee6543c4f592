/**
 * Whole slides in the page of "export --page", in chromium: the files of "cancernet slide", a heat map that grows, what a
 * person can do while slides are scored, hard cases, and that nothing is sent.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, parse } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { SECURITY_HEADERS } from "../../src/app/server/security/headers.ts";
import { bundledModelPath } from "../../src/artifacts/bundled_models.ts";
import { slide } from "../../src/workflows/slide.ts";
import { NO_BROWSER, startBrowser, untilTrue } from "../support/browser.ts";
import { context } from "../support/cohort.ts";
import { program } from "../support/command.ts";
import { useFolder } from "../support/folder.ts";
import { checkLooks } from "./axe.ts";
import { drop, INPUTS, openExported, type StaticServer, savedBy, serveFolder, textOf } from "./exported_page.ts";
import { compareOutlines, compareTables, LARGEST_DIFFERENCE } from "./slide_files.ts";

const real = process.env.IDC_DATA && join(process.env.IDC_DATA, "slides");
const skip = NO_BROWSER || (real === undefined && "IDC_DATA is not set");
const SVS = join(real ?? "", "CMU-1-Small-Region.svs");
const at = useFolder("page slides");
let [browser, server]: [Browser?, StaticServer?] = [];

before(async () => {
  if (skip) return;
  const { status, stderr } = program(["export", "idc", "--page", at("page")]);
  assert.equal(status, 0, stderr);
  const part = sharp(join(real!, "8917.png")).extract({ left: 400, top: 600, width: 1000, height: 800 });
  await part.png().toFile(at("part.png"));
  await sharp(at("part.png")).extract({ left: 0, top: 0, width: 200, height: 300 }).toFile(at("narrow.png"));
  writeFileSync(at("damaged.svs"), readFileSync(SVS).subarray(0, 100_000));
  writeFileSync(at("cut.png"), readFileSync(at("part.png")).subarray(0, 100_000));
  writeFileSync(at("slide.mrxs"), "no pixels");
  server = await serveFolder(at("page"));
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  server?.close();
});

/** The part of the page about a slide, by the name of its file. */
const cardOf = (name: string) =>
  `[...document.querySelectorAll(".slide")].find((one) => one.querySelector("h3").innerText === "${name}")`;

const untilSaid = (page: Page, name: string, words: string): Promise<void> =>
  untilTrue(page, `${cardOf(name)}?.innerText.includes(${JSON.stringify(words)})`);

/** Compares the downloads of a slide with the files of "cancernet slide"; returns the largest difference. */
async function compare(page: Page, path: string, options: { readonly mpp?: number } = {}): Promise<number> {
  const { base, name } = parse(path);
  const out = at(`by command ${name} ${JSON.stringify(options).replaceAll(/\W/g, "")}`);
  const { outcomes } = await slide({ model: "idc", slides: [path], out, threads: 1, ...options }, context);
  const { threshold, findings } = outcomes[0]!.report!;
  const [csv, geojson] = [await savedBy(page, `CSV ${base}`), await savedBy(page, `GeoJSON ${base}`)];
  const worst = compareTables(csv, readFileSync(join(out, "probabilities.csv"), "utf8"), threshold);
  assert.ok(worst <= LARGEST_DIFFERENCE, `${worst}`);
  compareOutlines(geojson, readFileSync(join(out, "idc.geojson"), "utf8"));
  const text = String(await page.evaluate(`${cardOf(base)}.innerText`));
  assert.ok(text.includes(`${findings.patches.scored} patches with tissue`), text);
  assert.ok(text.includes(`mean probability of IDC ${findings.probability.mean.toFixed(3)}.`), text);
  return worst;
}

/** Counts the coloured pixels of the first heat map at each frame, from now on. */
const WATCH = `{
  window.coloured = [];
  const look = () => {
    const canvas = document.querySelector("canvas.heat");
    if (canvas) {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let at = 3; at < data.length; at += 4) if (data[at] > 0) count++;
      if (count !== window.coloured.at(-1)) window.coloured.push(count);
    }
    requestAnimationFrame(look);
  };
  look();
}`;

test("a PNG and an SVS: the files of the command line, a map that grows, nothing sent", { skip }, async (t) => {
  const { page, foreign, complaints, close } = await openExported(browser!, server!);
  await page.evaluate(WATCH);
  await page.setInputFiles(INPUTS.images, [at("part.png"), SVS, at("narrow.png")]);
  for (const path of ["part.png", parse(SVS).base]) await untilSaid(page, path, "Done.");
  await untilTrue(page, "coloured.at(-1) > 0");
  const counts = (await page.evaluate("coloured")) as number[];
  assert.ok(counts.filter((count) => count > 0).length > 1, `${counts}`);
  assert.deepEqual(
    counts,
    counts.toSorted((one, other) => one - other),
  );
  t.diagnostic(`coloured pixels of part.png, frame by frame: ${counts.join(", ")}`);
  for (const path of [at("part.png"), SVS]) {
    t.diagnostic(`${parse(path).base}: at most ${(await compare(page, path)).toExponential(1)} apart`);
  }
  const text = String(await page.evaluate(textOf("main")));
  assert.match(text, /images of more than 200 x 200 pixels, are scored as whole slides\./);
  assert.match(text, /Aperio SVS, 2,220 x 2,967 pixels, 0\.499 micrometres per pixel/);
  assert.match(text, /Done: 1 image\./);
  assert.deepEqual({ foreign, complaints }, { foreign: [], complaints: [] });
  const own = ["", ...readdirSync(at("page"))].map((name) => `GET /${name}`);
  assert.deepEqual(
    server!.requests.filter((request) => !own.includes(request)),
    [],
  );
  await close();
});

test("micrometres per pixel, under the studio's headers: a warning, a value, the numbers of --mpp", {
  skip,
}, async () => {
  const strict = await serveFolder(at("page"), SECURITY_HEADERS);
  const { page, foreign, complaints, close } = await openExported(browser!, strict);
  await drop(page, [at("part.png")]);
  await untilSaid(page, "part.png", "Done.");
  await untilSaid(page, "part.png", "part.png does not state how large its pixels are: level 0 is read as it is.");
  await page.getByLabel("Micrometres per pixel").fill("2");
  await page.keyboard.press("Enter");
  await untilSaid(page, "part.png", "2 micrometres per pixel");
  await untilSaid(page, "part.png", "Done.");
  await compare(page, at("part.png"), { mpp: 2 });
  assert.deepEqual({ foreign, complaints }, { foreign: [], complaints: [] });
  await close();
  strict.close();
});

test("waiting, stopping, scoring again and removing; with two models the first one scores", { skip }, async () => {
  const { page, close } = await openExported(browser!, server!);
  await page.setInputFiles(INPUTS.model, bundledModelPath("cancernet")!);
  await untilTrue(page, `${textOf("main")}.includes("Model card of cancernet.onnx")`);
  // A click by playwright may come after the end.
  await page.evaluate(`new MutationObserver((_, observer) => {
    const button = ${cardOf("part.png")}?.querySelector("button");
    if (!button?.innerText.startsWith("Stop")) return;
    window.waits = ${cardOf(parse(SVS).base)}.innerText.includes("Waits for its turn.");
    observer.disconnect();
    button.click();
  }).observe(document.body, { subtree: true, childList: true })`);
  await page.setInputFiles(INPUTS.images, [at("part.png"), SVS]);
  await untilSaid(page, "part.png", "Stopped.");
  assert.equal(await page.evaluate("waits"), true);
  await untilSaid(page, parse(SVS).base, "Done.");
  assert.match(String(await page.evaluate(textOf("main"))), /Slides are scored by idc, the model of this page\./);
  await page.getByRole("button", { name: "Score again part.png" }).click();
  await untilSaid(page, "part.png", "Done.");
  for (const name of ["part.png", parse(SVS).base]) {
    await page.getByRole("button", { name: `Remove ${name}` }).click();
  }
  assert.equal(await page.evaluate("document.querySelector('.slide')"), null);
  await close();
});

test("a slide that cannot be scored gets one sentence; looks in both themes, 1280 and 400 pixels wide", {
  skip,
}, async () => {
  const { page, complaints, close } = await openExported(browser!, server!);
  await page.setInputFiles(
    INPUTS.images,
    ["damaged.svs", "cut.png", "slide.mrxs", "part.png"].map((name) => at(name)),
  );
  await untilSaid(page, "part.png", "Done.");
  for (const [name, sentence] of [
    ["damaged.svs", /^damaged\.svs (ends|is) [^\n]*\.$/m],
    ["cut.png", /^cut\.png is [^\n]*\.$/m],
    ["slide.mrxs", /^slide\.mrxs is a MIRAX slide, which is not read: convert it [^\n]*\.$/m],
  ] as const) {
    const alerts = `[...${cardOf(name)}.querySelectorAll("[role=alert]")].map((one) => one.innerText)`;
    const found = (await page.evaluate(alerts)) as string[];
    assert.equal(found.length, 1, `${found}`);
    assert.match(found[0]!, sentence);
  }
  await checkLooks(page);
  assert.deepEqual(complaints, []);
  await close();
});

test("without a network: a slide is scored after a first load", { skip }, async () => {
  const { page, complaints, close } = await openExported(browser!, server!);
  await untilTrue(page, `${textOf("footer")}.includes("also works without a network")`);
  const kept = String(
    await page.evaluate(
      "caches.keys().then(async ([name]) => (await (await caches.open(name)).keys()).map(({ url }) => url).join(' '))",
    ),
  );
  assert.match(kept, /slide_worker\.js/);
  assert.match(kept, /openjpegwasm_decode\.wasm/);
  await page.context().setOffline(true);
  await page.reload();
  await untilTrue(page, "document.querySelector('details') !== null");
  await page.setInputFiles(INPUTS.images, SVS);
  await untilSaid(page, parse(SVS).base, "Done.");
  assert.deepEqual(complaints, []);
  await close();
});
